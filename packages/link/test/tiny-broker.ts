import { type FakeNetwork, ScramServer, type ServerEnd } from '@rivven/fakes'
import {
  type Api,
  ApiVersions,
  contiguous,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  Heartbeat,
  SaslAuthenticate,
  type SaslAuthenticateRequest,
  SaslHandshake,
} from '@rivven/protocol'

const spoken: readonly Api[] = [ApiVersions, SaslHandshake, SaslAuthenticate, Heartbeat]

/** Ends as `npm test` looks for passwords in what tests print (scripts/leaked-passwords.mjs). */
export const tinyPassword = 'tiny-secret'

/** A broker that knows logins and heartbeats. */
export class TinyBroker {
  /** What came, by connection: the names of APIs in their order. */
  readonly said: string[][] = []
  /** How long a login is good for, in milliseconds; 0: for ever. */
  sessionLifetimeMs = 0
  /** What it leaves without an answer. */
  readonly slow = new Set<Api>()
  #held: (() => void)[] = []

  constructor(network: FakeNetwork) {
    network.onConnect = (end) => this.#connected(end)
  }

  answerHeld(): void {
    for (const answer of this.#held.splice(0)) answer()
  }

  #connected(end: ServerEnd): void {
    const said: string[] = []
    this.said.push(said)
    const scram = new ScramServer(tinyPassword)
    end.onFrame = (frame) => {
      const { apiKey, apiVersion, correlationId, bodyOffset } = decodeRequestHeader(frame)
      const api = spoken.find(({ key }) => key === apiKey) as Api
      said.push(api.name)
      const message: unknown = decodeRequest(api, apiVersion, frame, bodyOffset)
      const answer = () =>
        end.send(contiguous(encodeResponse(api, apiVersion, correlationId, this.#answer(api, message, scram))))
      if (this.slow.has(api)) this.#held.push(answer)
      else answer()
    }
  }

  #answer(api: Api, message: unknown, scram: ScramServer): object {
    switch (api) {
      case ApiVersions:
        return {
          apiKeys: spoken.map(({ key, versions }) => ({
            apiKey: key,
            minVersion: versions.min,
            maxVersion: versions.max,
          })),
        }
      case SaslHandshake:
        return { mechanisms: ['SCRAM-SHA-256'] }
      case SaslAuthenticate:
        return {
          authBytes: scram.answer((message as SaslAuthenticateRequest).authBytes) ?? Buffer.alloc(0),
          sessionLifetimeMs: this.sessionLifetimeMs,
        }
      default:
        return {}
    }
  }
}
