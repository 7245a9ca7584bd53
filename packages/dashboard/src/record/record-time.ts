import { utc } from '../text/format.js'

/** The farthest that a calendar goes, in milliseconds before and after 1970. */
const farthestMs = 8_640_000_000_000_000

/** A timestamp is its producer's choice, and may be none that a calendar has. */
export function recordTime(timestamp: number): string {
  if (timestamp < 0) return 'no time'
  return timestamp > farthestMs ? `${timestamp} ms since 1970` : utc(timestamp)
}
