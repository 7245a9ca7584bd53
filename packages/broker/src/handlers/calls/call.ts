import type { AclOperation } from '@rivven/protocol'
import type { BrokerServices } from '../handler.js'
import type { Caller } from '../rights/denial.js'

/** What is asked for, whatever it came by: RivvenCall of a client or of another broker, or HTTP. */
export interface Visitor {
  readonly services: BrokerServices
  readonly caller: Caller
  /** What stands in the path in place of `:name`. */
  readonly parameters: Readonly<Record<string, string>>
  /** What came as JSON; undefined: nothing. */
  readonly body: unknown
}

export interface Reply {
  /** Of HTTP. */
  readonly status: number
  /** A JSON value. */
  readonly body: unknown
}

/** One thing that Rivven answers and Kafka's protocol has no request for. */
export interface Call {
  /** Method and path: what begins with `:` stands for anything. */
  readonly name: `${'GET' | 'POST'} /${string}`
  /** What the caller must be allowed to do on the cluster. */
  readonly needs: AclOperation
  answer(visitor: Visitor): Reply | Promise<Reply>
}

export function refused(status: number, error: string, code?: string): Reply {
  return { status, body: { error, ...(code !== undefined && { code }) } }
}
