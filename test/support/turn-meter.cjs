// Loaded into a broker before its own code (node --require): measures the turns of its event loop and its memory, and tells
// over the IPC channel when asked: `begin`, `end`, and `memory`, `live` or (beside open-things.cjs) `open` at any time. It begins with the start. CPU of a turn is the main thread's, from /proc (Linux): on a busy machine it says what
// the turn would take on a quiet one. Elsewhere it is null.
const { openSync, readSync } = require('node:fs')
const { createHistogram } = require('node:perf_hooks')

const cpuFile = opened('/proc/self/schedstat')
const memoryFile = opened('/proc/self/statm')
const pageBytes = 4096
const text = Buffer.alloc(128)
let since = null

/** Files that stay open: a broker may have no descriptor left. */
function opened(path) {
  try {
    return openSync(path)
  } catch {
    return null
  }
}

function numberIn(file, place) {
  const length = readSync(file, text, 0, text.length, 0)
  return Number(text.toString('latin1', 0, length).split(' ')[place])
}

const cpuMs = () => (cpuFile === null ? 0 : numberIn(cpuFile, 0) / 1e6)
const rssBytes = () => (memoryFile === null ? process.memoryUsage.rss() : numberIn(memoryFile, 1) * pageBytes)

const mib = (bytes) => Math.round(bytes / 1024 / 1024)

/** A timer has its turn once in each round of the loop: between two of them lies at most a millisecond and what others did. */
function look() {
  const now = { at: performance.now(), cpu: cpuMs() }
  const rss = rssBytes()
  // It takes whole numbers from 1 on: microseconds.
  since.turns.record(Math.max(1, Math.round((now.at - since.last.at) * 1000)))
  since.turnsCpu.record(Math.max(1, Math.round((now.cpu - since.last.cpu) * 1000)))
  since.turn = Math.max(since.turn, now.at - since.last.at)
  since.turnCpu = Math.max(since.turnCpu, now.cpu - since.last.cpu)
  since.peakRss = Math.max(since.peakRss, rss)
  since.last = now
}

function begin() {
  globalThis.gc?.()
  clearInterval(since?.timer)
  const last = { at: performance.now(), cpu: cpuMs() }
  const rss = rssBytes()
  const most = { turn: 0, turnCpu: 0, peakRss: rss, turns: createHistogram(), turnsCpu: createHistogram() }
  since = { last, startCpu: last.cpu, startRss: rss, ...most, timer: setInterval(look, 1) }
}

function end() {
  look()
  clearInterval(since.timer)
  const p99 = (histogram) => Math.round(histogram.percentile(99) / 100) / 10
  return {
    longest_turn_ms: Math.round(since.turn),
    longest_turn_cpu_ms: cpuFile === null ? null : Math.round(since.turnCpu),
    turn_p99_ms: p99(since.turns),
    turn_p99_cpu_ms: cpuFile === null ? null : p99(since.turnsCpu),
    cpu_ms: cpuFile === null ? null : Math.round(since.last.cpu - since.startCpu),
    rss_rise_mib: mib(since.peakRss - since.startRss),
    rss_mib: mib(since.peakRss),
  }
}

const answers = {
  begin: () => begin() ?? {},
  end,
  memory: () => ({ rss_mib: mib(rssBytes()) }),
  // What is in use: after a garbage collection, and without what the allocator has kept. What one collection finds of memory
  // outside of the heap is counted as free with the next.
  live: () => {
    globalThis.gc?.()
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    return { live_mib: mib(heapUsed + external) }
  },
  open: () => globalThis.openThings(),
}
process.on('message', (what) => process.send(answers[what]()))
// Nobody is left who would end it.
process.once('disconnect', () => process.exit(1))
process.channel.unref()
begin()
