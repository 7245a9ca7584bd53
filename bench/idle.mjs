import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Brokers that together take less than this part of a core have nothing left to do. */
const IDLE_PART = 0.05
const ROUND_MS = 500
const LONGEST_MS = 30_000
/** Of /proc/PID/stat on Linux, whatever the kernel was built with. */
const TICKS_A_SECOND = 100

/**
 * Waits until nobody does any more what an earlier measurement has left to it: deleted topics, say, that are removed from the
 * disk half a second later, while already the next broker is measured. Says so where that takes too long.
 */
export async function untilIdle(pids, part = IDLE_PART) {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; ) {
    const before = cpuSeconds(pids)
    await pause(ROUND_MS)
    if (cpuSeconds(pids) - before < (part * ROUND_MS) / 1000) return
  }
  console.error(`The brokers were still busy after ${LONGEST_MS / 1000} s: what follows was measured beside that.`)
}

/** 0 where there is no /proc: nobody waits there. */
function cpuSeconds(pids) {
  let seconds = 0
  for (const pid of pids) seconds += cpuOf(pid)
  return seconds
}

function cpuOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name stands in brackets and may hold spaces; the times are the 12th and 13th field behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
  } catch {
    return 0
  }
}
