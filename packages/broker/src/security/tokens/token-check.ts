/** Who bears a token that is good, or why it is not. */
export type TokenVerdict =
  | {
      readonly kind: 'right'
      /** The name alone: the principal is `User:` and this. */
      readonly user: string
      /** Wall-clock time in ms since 1970 after which it counts no more. */
      readonly expiresAt: number
    }
  /** A reason for a log and for the client, behind "Authentication failed: ". It shows nothing of the token. */
  | { readonly kind: 'wrong'; readonly why: string }

export interface TokenCheck {
  /** The token as it stands behind `Bearer `. Never rejects. */
  check(token: string): Promise<TokenVerdict>
}
