export interface Change {
  /** Compiled module, below packages/. */
  readonly file: string
  /** Text that the module must have exactly once, and what stands there instead. */
  readonly find: string
  readonly replace: string
}

/** A bug that is put into the product when it is loaded, in a run of the simulator only: the product has no switches. */
export interface Mutant extends Change {
  readonly name: string
  /** A second change, where two guards hold the same promise. */
  readonly also?: Change
  /** From a report of Jepsen's on a real system. */
  readonly jepsen?: boolean
}
