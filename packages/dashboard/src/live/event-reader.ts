/** One server-sent event. */
export interface ServerEvent {
  readonly event: string
  readonly data: string
  /** What was given last, as `Last-Event-ID` sends it back. */
  readonly id: string
}

/** Reads events out of a text that comes in pieces (HTML standard, 9.2.6; lines of the broker end with \n alone). */
export class EventReader {
  #rest = ''
  #event = ''
  #data: string[] = []
  #id = ''

  read(piece: string): ServerEvent[] {
    const lines = `${this.#rest}${piece}`.split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.#take(line) ?? [])
  }

  #take(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch()
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === 'event') this.#event = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id') this.#id = value
    return undefined
  }

  /** Without data nothing has happened: a comment, or when to come back. */
  #dispatch(): ServerEvent | undefined {
    const event = { event: this.#event, data: this.#data.join('\n'), id: this.#id }
    const isEmpty = this.#data.length === 0
    this.#event = ''
    this.#data = []
    return isEmpty ? undefined : event
  }
}
