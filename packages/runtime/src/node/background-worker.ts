// Runs on the worker thread of NodeBackground.
import { parentPort, workerData } from 'node:worker_threads'
import { inlineBackground } from '../inline-background.js'
import type { Clock, RunningTask, RunTask, Runtime } from '../runtime.js'
import { type FromWorker, monotonicOrigin, type ToWorker, type WorkerStart } from './background-messages.js'
import { nodeClock } from './clock.js'
import { nodeDisk } from './disk.js'
import { nodeHashing } from './hashing.js'
import { nodeNetwork } from './network.js'
import { nodeRandom } from './random.js'
import { nodeWeb } from './web.js'

type Task = RunningTask<unknown>

const shift = monotonicOrigin() - (workerData as WorkerStart).origin
const clock: Clock = { ...nodeClock, monotonic: () => nodeClock.monotonic() + shift }
const world = { clock, random: nodeRandom, network: nodeNetwork, disk: nodeDisk, hashing: nodeHashing, web: nodeWeb }
const runtime: Runtime = { ...world, background: inlineBackground(world) }

/** Those that still load are promises, so that what they are told meanwhile comes in its order. */
const tasks = new Map<number, Promise<Task | null>>()

function answer(message: FromWorker): void {
  parentPort?.postMessage(message)
}

async function start(task: number, module: string, input: unknown): Promise<Task | null> {
  try {
    const { run } = (await import(module)) as { run: RunTask<unknown, unknown, unknown> }
    return run(input, (message) => answer({ kind: 'message', task, message }), runtime)
  } catch (error) {
    answer({ kind: 'failed', task, error: error instanceof Error ? error : new Error(String(error)) })
    return null
  }
}

function received(message: ToWorker): void {
  if (message.kind === 'start') {
    tasks.set(message.task, start(message.task, message.module, message.input))
    return
  }
  const task = tasks.get(message.task)
  if (message.kind === 'stop') tasks.delete(message.task)
  task?.then((running) => (message.kind === 'stop' ? running?.stop() : running?.received(message.message)))
}

parentPort?.on('message', received)
