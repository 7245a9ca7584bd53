import type { AclOperation, ResourceType } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { LabelledCounts } from '../../labelled-counts.js'
import type { Access } from '../access.js'
import { type AuditLine, cut, textOf } from './audit-line.js'
import type { AuditOutput } from './audit-output.js'
import { CountedLines } from './counted-lines.js'

/** Who asked for something, and by which way. A request's context is one. */
export interface Asker {
  readonly access: Pick<Access, 'principal' | 'host'>
  readonly clientId: string
  /** Name of the listener; HTTP for pages. */
  readonly listener: string
  /** Kafka's name of the API, or method and route of a page. */
  readonly api: string
}

export interface Login {
  /** One of ours: never what a client has named. */
  readonly mechanism: string
  /** Who it said it was; undefined: it did not come so far. */
  readonly user?: string | undefined
  /** Why it failed, in our words. */
  readonly reason?: string
  /** An open connection renews its session (KIP-368). */
  readonly isAgain?: boolean
}

/** What was changed, or was not because of an error. */
export interface Change {
  readonly operation: 'CREATE' | 'DELETE' | 'ALTER' | 'ALTER_CONFIGS'
  readonly type: ResourceType | 'ACL' | 'QUOTA' | 'BROKER' | 'LISTENER'
  readonly name: string
  /** Kafka's name of the error; NONE: it was done. */
  readonly error: string
  readonly detail?: string | undefined
  /** Happens again and again in good order: one line a minute, with a count. */
  readonly isFrequent?: boolean
}

export interface AuditOptions {
  readonly clock: Clock
  /** Undefined: nothing is written, only counted. */
  readonly output?: AuditOutput | undefined
  /** Are logins that went well written, too? */
  readonly tellsLogins?: boolean
}

/** What the broker does by itself: at its start, or since its files say so. */
export const brokerItself: Asker = {
  access: { principal: 'broker', host: '' },
  clientId: '',
  listener: '',
  api: '',
}

/** Hears of every login, denial and change: writes the audit log (security.md §13) and counts for the metrics. */
export class Audit {
  readonly authentications = new LabelledCounts<'listener' | 'mechanism' | 'outcome'>()
  readonly reauthentications = new LabelledCounts<'outcome'>()
  readonly denials = new LabelledCounts<'operation' | 'resource_type'>()
  readonly #options: AuditOptions
  readonly #counted: CountedLines

  constructor(options: AuditOptions) {
    this.#options = options
    this.#counted = new CountedLines(options.clock, (line) => this.#tell(line))
  }

  /** Is anything written? If not, nobody need find out what a request has changed. */
  get isKept(): boolean {
    return this.#options.output !== undefined
  }

  loggedIn(asker: Asker, login: Login): void {
    this.#countLogin(asker, login, 'done')
    if (this.#options.tellsLogins) this.#tell(this.#lineOf(asker, loginOf(login, 'done')))
  }

  loginFailed(asker: Asker, login: Login): void {
    this.#countLogin(asker, login, 'failed')
    this.#count(asker, loginOf(login, 'failed'), `${asker.access.host} ${login.mechanism}`)
  }

  /** Something was refused because an ACL is missing, or says so. */
  denied(asker: Asker, operation: AclOperation, type: ResourceType, name: string): void {
    this.denials.add({ operation, resource_type: type })
    this.#count(asker, { operation, resource: `${type} ${cut(name)}`, outcome: 'denied' })
  }

  changed(asker: Asker, { operation, type, name, error, detail, isFrequent = false }: Change): void {
    const isDone = error === 'NONE'
    const what = { operation, resource: `${type} ${cut(name)}`, outcome: isDone ? 'done' : error, detail }
    if (isDone && !isFrequent) this.#tell(this.#lineOf(asker, what))
    else this.#count(asker, what, asker.api)
  }

  /** Its file was moved away: goes on in a new one. */
  async reopen(): Promise<void> {
    await this.#options.output?.reopen?.()
  }

  /** Tells what was counted. */
  async close(): Promise<void> {
    this.#counted.close()
    await this.#options.output?.close?.()
  }

  #countLogin({ listener }: Asker, { mechanism, isAgain }: Login, outcome: 'done' | 'failed'): void {
    if (isAgain) this.reauthentications.add({ outcome })
    else this.authentications.add({ listener, mechanism, outcome })
  }

  /** One line a minute for all that say the same; `place` tells more apart. */
  #count(asker: Asker, what: What, place = ''): void {
    if (!this.isKept) return
    const key = [asker.access.principal, what.operation, what.resource, what.outcome, place].join('\n')
    this.#counted.add(key, this.#lineOf(asker, what))
  }

  #lineOf({ access, listener, clientId, api }: Asker, what: What): AuditLine {
    const who = { principal: cut(access.principal), host: access.host, listener, clientId: cut(clientId), api }
    const detail = what.detail === undefined ? {} : { detail: cut(what.detail) }
    return { time: this.#options.clock.now(), ...who, ...what, ...detail, count: 1 }
  }

  #tell(line: AuditLine): void {
    this.#options.output?.write(textOf(line))
  }
}

type What = Pick<AuditLine, 'resource' | 'operation' | 'outcome' | 'detail'>

function loginOf({ mechanism, user, reason }: Login, outcome: 'done' | 'failed'): What {
  const resource = user === undefined ? 'USER' : `USER ${cut(user)}`
  return { operation: 'LOGIN', resource, outcome, detail: reason === undefined ? mechanism : `${mechanism}: ${reason}` }
}
