/** The server's side of one exchange: a message of the client goes in, what becomes of it comes out. No I/O. */
export interface SaslServer {
  /** Once more only where the answer was a challenge: whatever follows the end fails. Never throws. */
  next(token: Uint8Array): SaslStep | Promise<SaslStep>
}

export type SaslStep =
  | { readonly kind: 'challenge'; readonly token: Uint8Array }
  | {
      readonly kind: 'done'
      /** May be empty: some mechanisms have nothing more to say. */
      readonly token: Uint8Array
      /** The name alone: the principal is `User:` and this. */
      readonly user: string
      /** Wall-clock time in ms since 1970 after which the login counts no more; absent: for ever. */
      readonly expiresAt?: number
    }
  | {
      readonly kind: 'failed'
      /** For the client: it names no user, nor tells whether there is one. */
      readonly text: string
      /** Who it said it was, for the audit; absent: it did not come so far. */
      readonly user?: string
    }

export function failed(text: string, user?: string): SaslStep {
  return { kind: 'failed', text, ...(user !== undefined && { user }) }
}
