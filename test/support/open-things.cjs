// Loaded into a process before its own code (node --expose-gc --require): counts what a process may forget to close, timers that wait
// among it, also those that keep no process, of which Node tells nothing. `openThings()` says how much there is.
const { readdirSync } = require('node:fs')
const { promisify } = require('node:util')

/** With the place in the code that has set each. */
const timers = new Map()
const { setTimeout: begin, clearTimeout: end } = globalThis

function setTimeout(callback, delayMs, ...words) {
  const timer = begin(() => {
    timers.delete(timer)
    callback(...words)
  }, delayMs)
  timers.set(timer, placeOf(new Error().stack))
  return timer
}
setTimeout[promisify.custom] = begin[promisify.custom]

/** The first line of a stack that is neither here nor the clock's. */
function placeOf(stack) {
  const lines = stack.split('\n').slice(2)
  return (lines.find((line) => !line.includes('/node/clock.js')) ?? '')
    .replace(/.*\/(?=[^/]*\/[^/]*$)/, '')
    .replace(')', '')
}

/** How many wait, by place. */
function timersByPlace() {
  const counts = {}
  for (const place of timers.values()) counts[place] = (counts[place] ?? 0) + 1
  return counts
}

/** Null where there is no /proc. */
function descriptors() {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}

/** What is in use: what one collection finds of memory outside of the heap is counted as free with the next. */
function liveMib() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return Math.round(((heapUsed + external) / 2 ** 20) * 10) / 10
}

globalThis.setTimeout = setTimeout
globalThis.clearTimeout = (timer) => {
  timers.delete(timer)
  end(timer)
}
globalThis.openThings = () => ({ timers: timersByPlace(), descriptors: descriptors(), live_mib: liveMib() })
