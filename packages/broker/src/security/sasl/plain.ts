import type { PasswordCheck } from '../users/password-checks.js'
import { failed, type SaslServer, type SaslStep } from './sasl-server.js'
import { saslText } from './sasl-text.js'

const nothing = new Uint8Array(0)
const wrong = 'Authentication failed: invalid user or password'

/** RFC 4616: one message, `[authzid] NUL user NUL password`. */
export class PlainServer implements SaslServer {
  readonly #passwords: PasswordCheck
  #isOver = false

  constructor(passwords: PasswordCheck) {
    this.#passwords = passwords
  }

  next(token: Uint8Array): SaslStep | Promise<SaslStep> {
    if (this.#isOver) return failed('the exchange is over')
    this.#isOver = true
    const parts = saslText(token)?.split('\0')
    if (parts?.length !== 3) return failed('a message of PLAIN has three parts in UTF-8, with NUL between')
    const [authorizationId, user, password] = parts as [string, string, string]
    if (user === '') return failed('Authentication failed: the user is empty')
    if (password === '') return failed('Authentication failed: the password is empty', user)
    if (authorizationId !== '' && authorizationId !== user) return failed('nobody may log in for somebody else', user)
    const isRight = this.#passwords.isRight(user, password)
    const step = (right: boolean): SaslStep => (right ? { kind: 'done', token: nothing, user } : failed(wrong, user))
    return typeof isRight === 'boolean' ? step(isRight) : isRight.then(step)
  }
}
