/**
 * What is wrong with record bytes: `corrupt` (bytes were damaged: error 2), `invalid` (well transmitted, badly made:
 * error 87), `tooLarge` (would decompress to more than the caller allows: error 10), `unavailable` (nothing is wrong with
 * them, but the codec's package is not installed here: error 76).
 */
export type RecordsFault = 'corrupt' | 'invalid' | 'tooLarge' | 'unavailable'

/** Thrown by everything that reads or compresses record batches; no other error comes out of bad bytes. */
export class RecordsError extends Error {
  override readonly name = 'RecordsError'
  readonly fault: RecordsFault

  constructor(fault: RecordsFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
