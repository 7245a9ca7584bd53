/** What goes off later. */
export interface Timer {
  cancel(): void
}

/** Milliseconds since 1970, of the browser. */
export function wallNow(): number {
  return Date.now()
}

export function after(ms: number, callback: () => void): Timer {
  const timer = setTimeout(callback, ms)
  return { cancel: () => clearTimeout(timer) }
}

export function every(ms: number, callback: () => void): Timer {
  const timer = setInterval(callback, ms)
  return { cancel: () => clearInterval(timer) }
}

/** Between 0 and 1. */
export function chance(): number {
  return Math.random()
}

/** Milliseconds since some moment; never goes back. */
export function tick(): number {
  return performance.now()
}

/** Before the browser draws next. */
export function nextFrame(callback: () => void): void {
  requestAnimationFrame(callback)
}
