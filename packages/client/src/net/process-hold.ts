import { MessageChannel } from 'node:worker_threads'

/**
 * Keeps the process alive while a client is in use. Open connections do that by themselves; when all are lost and only a
 * pause before the next attempt is left, nothing else would: timers of the runtime do not, and the process would end in
 * the middle of a call.
 */
export class ProcessHold {
  #channel: MessageChannel | null = null

  take(): void {
    if (this.#channel) return
    this.#channel = new MessageChannel()
    this.#channel.port1.ref()
  }

  release(): void {
    this.#channel?.port1.close()
    this.#channel = null
  }
}
