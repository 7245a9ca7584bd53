/** A bug that is put into the product when it is loaded, in a run of the simulator only: the product has no switches. */
export interface Mutant {
  readonly name: string
  /** Compiled module, below packages/. */
  readonly file: string
  /** Text that the module must have exactly once, and what stands there instead. */
  readonly find: string
  readonly replace: string
  /** From a report of Jepsen's on a real system. */
  readonly jepsen?: boolean
}
