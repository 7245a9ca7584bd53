import { MessageChannel } from 'node:worker_threads'

/**
 * Keeps the process alive while somebody waits for work in it whose sockets and timers do not: those of the background would
 * keep it for ever, and when all connections are lost there is only a pause before the next attempt.
 */
export class ProcessHold {
  #channel: MessageChannel | null = null
  #isHeld = false
  #isReleased = false

  set isHeld(isHeld: boolean) {
    if (isHeld === this.#isHeld || this.#isReleased) return
    this.#isHeld = isHeld
    this.#channel ??= new MessageChannel()
    if (isHeld) this.#channel.port1.ref()
    else this.#channel.port1.unref()
  }

  /** For good. */
  release(): void {
    this.#isReleased = true
    this.#channel?.port1.close()
    this.#channel = null
  }
}
