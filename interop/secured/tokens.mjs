// Who hands out tokens in interop: the broker reads the public key from a file.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const issuer = 'https://id.example'

/** Keys of a broker that takes its tokens, and a function that makes them; good for an hour. */
export async function tokenHouse(folder) {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const file = join(folder, 'tokens.json')
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: '1' }] }))
  const tokenFor = (subject, audience) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  return {
    keys: {
      sasl_oauthbearer_jwks_endpoint_url: `file:${file}`,
      sasl_oauthbearer_expected_issuer: issuer,
      sasl_oauthbearer_expected_audience: 'interop',
    },
    good: await tokenFor('alice', 'interop'),
    bad: await tokenFor('alice', 'somebody else'),
  }
}
