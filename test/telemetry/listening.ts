import { type Channel, channel } from 'node:diagnostics_channel'

const parts = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

/** What was told on a channel: the part of the trace ('' for plain news) and its message. */
export interface Told {
  channel: string
  part: string
  message: Record<string, unknown>
}

/** Listens to tracing channels and plain ones until it is disposed. */
export class Listening {
  readonly told: Told[] = []
  readonly #end: (() => void)[] = []

  constructor(traced: readonly string[], plain: readonly string[] = []) {
    for (const name of traced)
      for (const part of parts) this.#listen(channel(`tracing:${name}:${part}`), { channel: name, part })
    for (const name of plain) this.#listen(channel(name), { channel: name, part: '' })
  }

  /** Messages of one channel, at one part of their traces. */
  of<Message>(name: string, part = ''): Message[] {
    return this.told.filter((one) => one.channel === name && one.part === part).map(({ message }) => message as Message)
  }

  [Symbol.dispose](): void {
    for (const end of this.#end) end()
  }

  #listen(to: Channel, about: Omit<Told, 'message'>): void {
    const take = (message: unknown) => void this.told.push({ ...about, message: message as Told['message'] })
    to.subscribe(take)
    this.#end.push(() => to.unsubscribe(take))
  }
}
