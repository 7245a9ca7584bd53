/** One attempt to log in: a message in, a message out. What it throws about the server's messages is a SaslError. */
export interface SaslClient {
  /** The first message. */
  begin(): Promise<Buffer>
  /** What follows the server's answer; null: nothing, we are logged in. */
  answer(message: Buffer): Promise<Buffer | null>
}

/** A mechanism with the credentials of this client: good for any number of attempts, one after the other or at once. */
export interface SaslMechanism {
  /** As it is called in SASL: `SCRAM-SHA-512`. */
  readonly name: string
  attempt(): SaslClient
}

/** The server does not keep to the rules of the mechanism, or refuses in its words: why, as the end of a sentence. */
export class SaslError extends Error {}
