// A broker in a process of its own, with the turn meter in it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const here = import.meta.dirname
const rivvend = join(here, '../../packages/rivvend/bin/rivvend.cjs')
const turnMeter = join(here, '../../test/support/turn-meter.cjs')
const settings = ['group_initial_rebalance_delay_ms=0', 'group_timeline_topic_enable=false', 'log_level=error']

/** `more`: `key=value`; a broker without `listeners` among them listens in the clear. */
export async function startMeasuredBroker(dataDir, more = []) {
  const isTold = more.some((setting) => setting.startsWith('listeners='))
  const flags = [...(isTold ? [] : ['--listen', '127.0.0.1:0']), '--http', 'off', '--data-dir', dataDir]
  const sets = [...settings, ...more].flatMap((setting) => ['--set', setting])
  const child = spawn(process.execPath, ['--expose-gc', '--require', turnMeter, rivvend, ...flags, ...sets], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const [, port, startMs] = /ready on \S+:(\d+)\b.* in (\d+) ms/.exec(line) ?? []
  if (!port) throw new Error(`rivvend said: ${line}`)
  const ask = async (what) => {
    child.send(what)
    const [answer] = await once(child, 'message')
    return answer
  }
  return {
    port: Number(port),
    startMs: Number(startMs),
    /** Measures from now on. */
    begin: () => ask('begin'),
    /** What was measured. */
    end: () => ask('end'),
    get isAlive() {
      return child.exitCode === null && child.signalCode === null
    },
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
