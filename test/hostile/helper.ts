import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

interface Reply {
  answer?: unknown
  error?: string
}

/** One of the campaign's processes: asked by a message, answers by one. It ends with us. */
export class Helper {
  readonly #child: ChildProcess
  /** Rejects when it ends. */
  readonly #ended: Promise<never>

  /** A path, and Node's own arguments. */
  constructor(script: string, execArgv: string[] = []) {
    this.#child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv })
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`A process of the campaign has ended (${signal ?? code}).`)
    })
    this.#ended.catch(() => undefined)
  }

  async ask<Answer>(question: object): Promise<Answer> {
    this.#child.send(question)
    const [{ answer, error }] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [Reply]
    if (error !== undefined) throw new Error(error)
    return answer as Answer
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
