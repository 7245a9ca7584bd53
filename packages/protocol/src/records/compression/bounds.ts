import { RecordsError } from '../records-error.js'

export function tooLarge(maxBytes: number): RecordsError {
  return new RecordsError('tooLarge', `Compressed records hold more than the ${maxBytes} bytes allowed here.`)
}

export function corrupt(codec: string, what: string): RecordsError {
  return new RecordsError('corrupt', `Records do not decompress as ${codec}: ${what}.`)
}

/** Joins parts that were made one after the other; a single one is not copied. */
export function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
