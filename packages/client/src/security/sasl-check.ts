import { type Check, checks } from '@rivven/config'
import { mechanismNames, mechanismOf, type PasswordLogin, type TokenLogin } from '@rivven/link'
import { hidden, hiddenText, isPlainObject } from './hidden.js'

const { fitting, object, text } = checks

const mechanism = fitting(
  mechanismNames.map((name) => `'${name}'`).join(', '),
  (value) => mechanismOf(value) !== undefined,
  'Kerberos (GSSAPI) and others are not offered.',
)

const passwordLogin = object<PasswordLogin>(
  { mechanism, username: text, password: hiddenText },
  {
    otherNames: {
      user: 'Write username.',
      authorizationIdentity: 'Leave it out: who logs in is who acts.',
      token: "Write mechanism: 'oauthbearer' for a token.",
    },
  },
)

const tokenLogin = object<TokenLogin>(
  { mechanism, token: hidden('a function that returns { value, lifetimeMs }', (value) => typeof value === 'function') },
  {
    otherNames: {
      oauthBearerProvider: 'Write token: a function that returns { value, lifetimeMs }.',
      username: "Write mechanism: 'scram-sha-512' for a user with a password.",
      password: "Write mechanism: 'scram-sha-512' for a user with a password.",
    },
  },
)

const noNul = hidden('a text without NUL', (value) => !String(value).includes('\0'))

/** The option `sasl`. */
export const saslCheck: Check = (value, name) => {
  if (!isPlainObject(value)) {
    const hint = `As in ${name}: { mechanism: 'scram-sha-512', username, password }.`
    return hidden('an object', () => false, hint)(value, name)
  }
  const wrong = mechanism(value.mechanism, `${name}.mechanism`)
  if (wrong) return wrong
  if (mechanismOf(value.mechanism) === 'oauthbearer') return tokenLogin(value, name)
  return (
    passwordLogin(value, name) ?? noNul(value.username, `${name}.username`) ?? noNul(value.password, `${name}.password`)
  )
}
