/** One line of the audit log: who did what, and what became of it. Texts of clients are cut and escaped when it is written. */
export interface AuditLine {
  /** In ms since 1970. */
  readonly time: number
  /** Who it was, as far as that is proven: whoever fails to log in is ANONYMOUS. */
  readonly principal: string
  readonly host: string
  /** By which listener it came; HTTP for pages. */
  readonly listener: string
  readonly clientId: string
  /** Kafka's name of the API, or method and route of a page. */
  readonly api: string
  /** Type and name: `TOPIC orders`. */
  readonly resource: string
  readonly operation: string
  /** `done`, `denied`, `failed` for a login, else Kafka's name of the error. */
  readonly outcome: string
  /** How often, since the last line that says the same. */
  readonly count: number
  /** What words cannot say in the fields above: which keys of a config, how many partitions. */
  readonly detail?: string | undefined
}

const MOST_CHARACTERS = 256

/** A client may name anything: as much of it as a line has room for. */
export function cut(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text
  const isWithinPair = /[\ud800-\udbff]/.test(text[MOST_CHARACTERS - 1] as string)
  return `${text.slice(0, isWithinPair ? MOST_CHARACTERS - 1 : MOST_CHARACTERS)}…`
}

/** What JSON leaves as it is, and terminals or viewers take for commands or the end of a line. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu

/** JSON with a line end behind it. Whatever a client has named, it is one line of printable characters. */
export function textOf({ time, principal, host, listener, clientId, api, ...what }: AuditLine): string {
  const { resource, operation, outcome, count, detail } = what
  const who = { time: new Date(time).toISOString(), principal, host, listener, clientId, api }
  const json = JSON.stringify({ ...who, resource, operation, outcome, count, detail })
  return `${json.replace(unprintable, escaped)}\n`
}

/** As JSON writes it: by units of UTF-16. */
function escaped(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
