import { MessageChannel } from 'node:worker_threads'

/**
 * Keeps the process alive while somebody waits for a client. Open connections do that by themselves; when all are lost and
 * only a pause before the next attempt is left, nothing else would: timers of the runtime do not, and the process would end
 * in the middle of a call.
 */
export class ProcessHold {
  #channel: MessageChannel | null = null
  #isHeld = false

  set isHeld(isHeld: boolean) {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    this.#channel ??= new MessageChannel()
    if (isHeld) this.#channel.port1.ref()
    else this.#channel.port1.unref()
  }

  release(): void {
    this.#channel?.port1.close()
    this.#channel = null
  }
}
