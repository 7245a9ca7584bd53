import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CompactSign, exportJWK, generateKeyPair } from 'jose'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

/** Who hands out tokens and shows the public key to whoever asks, over HTTP on this machine. */
export class TokenHouse {
  /** How often the keys were asked for. */
  asked = 0
  readonly #server: Server
  readonly #pair: Pair

  private constructor(pair: Pair, document: string) {
    this.#pair = pair
    this.#server = createServer((_, answer) => {
      this.asked++
      answer.end(document)
    })
  }

  static async open(): Promise<TokenHouse> {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const house = new TokenHouse(
      pair,
      JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'house' }] }),
    )
    await new Promise<void>((resolve) => house.#server.listen(0, '127.0.0.1', resolve))
    return house
  }

  get publicKey(): Pair['publicKey'] {
    return this.#pair.publicKey
  }

  /** Keys of a broker that takes its tokens, where they are for `rivven`. */
  get brokerKeys() {
    const { port } = this.#server.address() as AddressInfo
    return {
      sasl_oauthbearer_jwks_endpoint_url: `http://127.0.0.1:${port}/keys`,
      sasl_oauthbearer_expected_audience: 'rivven',
      sasl_oauthbearer_expected_issuer: 'https://house.example',
    }
  }

  /** Good for a minute, unless the claims say else; null takes one away. */
  token(sub: string, claims: Record<string, unknown> = {}, header: { kid?: string } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000)
    const all = { sub, iss: 'https://house.example', aud: 'rivven', iat: now, exp: now + 60, ...claims }
    const said = Object.entries(all).filter(([, value]) => value !== null)
    return this.signed(JSON.stringify(Object.fromEntries(said)), header)
  }

  /** Whatever is said, signed. */
  signed(payload: string, header: { kid?: string } = {}): Promise<string> {
    const signer = new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'ES256', kid: 'house', ...header })
    return signer.sign(this.#pair.privateKey)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
