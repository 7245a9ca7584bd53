import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

interface Reply {
  answer?: unknown
  error?: string
}

/** One of the campaign's processes: asked by a message, answers by one. It ends with us. */
export class Helper {
  readonly #child: ChildProcess

  constructor(script: string) {
    this.#child = fork(join(import.meta.dirname, script), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    })
  }

  async ask<Answer>(question: object): Promise<Answer> {
    const ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`A process of the campaign has ended (${signal ?? code}).`)
    })
    this.#child.send(question)
    const [{ answer, error }] = (await Promise.race([once(this.#child, 'message'), ended])) as [Reply]
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
