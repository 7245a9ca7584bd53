/** What a parser throws for bytes that it does not take. */
export type Refusal = abstract new (...given: never[]) => Error

/**
 * Whether an input was taken, or what has yet to be seen of one that was: that it is the same when it was written and read again,
 * for example. That counts for nobody's memory or time, and throws a Finding.
 */
export type Parsed = boolean | (() => void)

/** A parser that bytes from outside reach. */
export interface Target {
  /** `family/name`, by which it is asked for. */
  readonly name: string
  /** Valid inputs: what others are made of. */
  readonly seeds: readonly Buffer[]
  /** Pieces that mean something to the parser, where they are text. */
  readonly words?: readonly string[]
  /** Makes checksums right again, so that what lies behind them is reached. */
  readonly mend?: (input: Buffer) => Buffer
  /** The errors that are promised for bytes that make no sense; any other is a finding. */
  readonly refusals: readonly Refusal[]
  /** Parses; the input is its own and may be written to. False, or one of `refusals` thrown: it is not taken. */
  readonly run: (input: Buffer) => Parsed | Promise<Parsed>
  /** Bytes that may be allocated for an input. Default: 8 for each of its bytes, and 256 KiB. */
  readonly mayAllocate?: (input: Buffer) => number
  /** CPU time that an input may cost. Default 100 ms. */
  readonly mayTakeMs?: number
}

/** Something that may not be: what a target says of its own accord. */
export class Finding extends Error {
  override readonly name = 'Finding'
}

const FREE_BYTES = 256 * 1024

export function mayAllocate({ mayAllocate }: Target, input: Buffer): number {
  return mayAllocate ? mayAllocate(input) : input.length * 8 + FREE_BYTES
}

/** @throws Finding where two things that should be one are not */
export function mustEqual(actual: Buffer, expected: Buffer, what: string): void {
  if (!actual.equals(expected))
    throw new Finding(`${what}: ${actual.toString('hex')} is not ${expected.toString('hex')}`)
}
