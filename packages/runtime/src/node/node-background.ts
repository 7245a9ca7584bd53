import { Worker } from 'node:worker_threads'
import { inlineBackground } from '../inline-background.js'
import type { Background, BackgroundHandle, BackgroundOwner, BackgroundTask, Runtime } from '../runtime.js'
import { type FromWorker, monotonicOrigin, type ToWorker, type WorkerStart } from './background-messages.js'

/** A worker thread that is gone so soon after its start never worked: a bundler left its file out, threads are forbidden. */
const stillbornMs = 1000

/** One worker thread for all tasks of the process: there from the first task to the last one. */
export class NodeBackground implements Background {
  readonly #world: Omit<Runtime, 'background'>
  readonly #workerFile: URL
  readonly #owners = new Map<number, BackgroundOwner<unknown>>()
  #worker: Worker | null = null
  /** Takes the tasks when no worker thread can be had. */
  #inline: Background | null = null
  #lastTask = 0

  constructor(
    world: Omit<Runtime, 'background'>,
    workerFile: URL = new URL('./background-worker.js', import.meta.url),
  ) {
    this.#world = world
    this.#workerFile = workerFile
  }

  start<Input, Down, Up>(
    task: BackgroundTask<Input, Down, Up>,
    input: Input,
    owner: BackgroundOwner<Up>,
  ): BackgroundHandle<Down> {
    if (this.#inline) return this.#inline.start(task, input, owner)
    const worker = this.#theWorker()
    const number = ++this.#lastTask
    const post = (message: ToWorker): void => {
      if (this.#owners.has(number)) worker.postMessage(message)
    }
    this.#owners.set(number, owner as BackgroundOwner<unknown>)
    post({ kind: 'start', task: number, module: task.module.href, input })
    return {
      tell: (message) => post({ kind: 'tell', task: number, message }),
      stop: () => {
        post({ kind: 'stop', task: number })
        this.#forget(number)
      },
    }
  }

  #theWorker(): Worker {
    if (this.#worker) return this.#worker
    const { clock } = this.#world
    const workerData: WorkerStart = { origin: monotonicOrigin() }
    // Loaders and preloads of the program are not for it.
    const worker = new Worker(this.#workerFile, { name: 'rivven-background', workerData, execArgv: [] })
    const startedAt = clock.monotonic()
    let reason: Error = new Error('it ended')
    worker.on('message', (message: FromWorker) => this.#received(message))
    worker.on('error', (error) => {
      reason = error
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#lost(reason, clock.monotonic() - startedAt < stillbornMs)
    })
    // Last: whoever listens to its messages makes the process wait for it again.
    worker.unref()
    this.#worker = worker
    return worker
  }

  #received(answer: FromWorker): void {
    const owner = this.#owners.get(answer.task)
    if (answer.kind === 'message') owner?.received(answer.message)
    else if (this.#forget(answer.task)) {
      this.#goInline(answer.error)
      owner?.failed(answer.error)
    }
  }

  /** The thread goes with its last task. True when the task was known. */
  #forget(task: number): boolean {
    const isKnown = this.#owners.delete(task)
    if (this.#owners.size > 0 || !this.#worker) return isKnown
    const worker = this.#worker
    this.#worker = null
    void worker.terminate()
    return isKnown
  }

  #lost(reason: Error, isStillborn: boolean): void {
    const owners = [...this.#owners.values()]
    this.#worker = null
    this.#owners.clear()
    if (isStillborn) this.#goInline(reason)
    else process.emitWarning(`The background thread of Rivven was lost: ${reason.message}. A new one takes over.`)
    for (const owner of owners) owner.failed(reason)
  }

  /** A warning and not an error: all works, but for what the program holds up while it computes. */
  #goInline(reason: Error): void {
    this.#inline ??= inlineBackground(this.#world)
    const text = `Rivven cannot work in a background thread: ${reason.message}. It does so on the main thread.`
    process.emitWarning(text, { detail: 'Computing for longer than the session timeout ends group membership now.' })
  }
}
