import { InvalidArgumentError } from 'commander'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds of `90s`, `1h30m`, `2d`, or of an ISO 8601 duration as `PT1H` and `P2DT12H`. */
export function duration(word: string): number {
  const parts = /^P/i.test(word) ? isoParts(word) : shortParts(word)
  if (parts) return parts.reduce((sum, [count, unit]) => sum + Number(count) * unitMs[unit]!, 0)
  throw new InvalidArgumentError('A duration is written as 90s, 15m, 1h30m, 2d or PT1H.')
}

type Part = [count: string, unit: string]

/** There are six units. */
function shortParts(word: string): Part[] | null {
  if (!/^(\d+(\.\d+)?(ms|[smhdw])){1,6}$/.test(word)) return null
  return [...word.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)].map(([, count, unit]) => [count!, unit!])
}

function isoParts(word: string): Part[] | null {
  const found = /^P(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/i.exec(word)
  if (!found) return null
  const units = ['w', 'd', 'h', 'm', 's']
  const parts = found.slice(1).flatMap((count, at): Part[] => (count === undefined ? [] : [[count, units[at]!]]))
  return parts.length > 0 && parts.every(([count]) => Number.isFinite(Number(count))) ? parts : null
}

/** Milliseconds since 1970 of an ISO 8601 time; without a zone it is UTC, and a day begins at midnight UTC. */
export function moment(word: string): number {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
    word,
  )
  const [, day, time = '00:00', zone = 'Z'] = found ?? []
  const at = day && isDay(day) ? Date.parse(`${day}T${time.replace(',', '.')}${zone}`) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new InvalidArgumentError(
    'A time is written as 2026-01-31T18:00:00Z, of a day that exists; without a zone it is UTC.',
  )
}

/** JavaScript takes February 31 for March 3. */
function isDay(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  return Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(day)
}

/** A time, or how long before `now`: `1h` is an hour ago. */
export function momentOrAgo(word: string): (now: number) => number {
  if (/^\d{4}-/.test(word)) {
    const at = moment(word)
    return () => at
  }
  const ago = duration(word)
  return (now) => now - ago
}

/** `80 ms`, `2.9 s`, `45 s`, `5 min 10 s`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds))
  if (ms < 1000) return `${ms} ms`
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return inTwo(seconds, 60, 'min', 's')
  const minutes = Math.round(seconds / 60)
  return minutes < 1440 ? inTwo(minutes, 60, 'h', 'min') : inTwo(Math.round(minutes / 60), 24, 'd', 'h')
}

function inTwo(count: number, size: number, large: string, small: string): string {
  const rest = count % size
  return rest === 0 ? `${count / size} ${large}` : `${Math.floor(count / size)} ${large} ${rest} ${small}`
}

/** `2026-01-31T18:00:00Z`, to the second. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}
