/** How numbers are written: the same on all machines, so that a picture and a test see the same. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `18,211`; null: `–`. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : whole.format(value)
}

const steps = [
  { size: 86_400, unit: 'd', next: 'h', part: 3_600 },
  { size: 3_600, unit: 'h', next: 'min', part: 60 },
  { size: 60, unit: 'min', next: 's', part: 1 },
] as const

/** Seconds as one says them: `0 s`, `0.2 s`, `41 s`, `2 h 4 min`; null: `–`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–'
  if (seconds < 10) return `${seconds === 0 ? 0 : Math.max(0.1, Math.round(seconds * 10) / 10)} s`
  const rounded = Math.round(seconds)
  const step = steps.find(({ size }) => rounded >= size)
  if (!step) return `${rounded} s`
  const { size, unit, next, part } = step
  const rest = Math.floor((rounded % size) / part)
  return `${Math.floor(rounded / size)} ${unit}${rest > 0 ? ` ${rest} ${next}` : ''}`
}

/** `51 ms`, `1.2 s`, `2 min 4 s`. */
export function millis(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms / 1000)
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `4.1 MiB`; null: `–`. */
export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return '–'
  let value = size
  let at = 0
  while (value >= 1024 && at < byteUnits.length - 1) {
    value /= 1024
    at += 1
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${byteUnits[at]}`
}

/** A rate with two digits that count: `0.33/s`, `4.1/s`, `1,204/s`; null: `–`. */
export function rate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '–'
  const digits = perSecond === 0 || perSecond >= 10 ? 0 : perSecond >= 1 ? 1 : 2
  return `${digits === 0 ? whole.format(perSecond) : perSecond.toFixed(digits)}/s`
}

/** When it will have caught up, with two digits: `now`, `about 4 min`, `growing`. */
export function catchUp(seconds: number | null, eta: 'growing' | 'standing' | null): string {
  if (seconds === null) return eta === 'standing' ? 'never' : (eta ?? '–')
  return seconds < 1 ? 'now' : `about ${duration(twoDigits(seconds))}`
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2))
}

/** `2026-11-29 18:00:00.013 UTC`: one that can be typed. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')} UTC`
}

/** `18:00:00` of the reader's own clock. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}
