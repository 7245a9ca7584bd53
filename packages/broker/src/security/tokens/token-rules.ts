/** Where a set of keys (JWKS) is; a relative path begins where the process does. */
export type KeysAt = { readonly file: string } | { readonly url: URL }

/** Which tokens are good. */
export interface TokenRules {
  /** Where the keys are that they are signed with. Undefined: nobody signs them. */
  readonly keysAt: KeysAt | undefined
  /** After so many milliseconds the keys are read anew. */
  readonly refreshMs: number
  /** They are for one of these; undefined: for anybody. */
  readonly audience: readonly string[] | undefined
  /** Undefined: whoever has the keys. */
  readonly issuer: string | undefined
  /** The claim that names the user. */
  readonly subjectClaim: string
  readonly clockSkewSeconds: number
}
