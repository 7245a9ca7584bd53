import type { BrokerServices } from '../handlers/handler.js'
import type { Caller } from '../handlers/rights/denial.js'
import type { Change } from '../security/audit/audit.js'
import type { Api } from './api.js'
import type { Given, Parameters } from './parameters.js'
import type { Place } from './places.js'
import type { Problem } from './problem.js'
import type { Rights } from './rights.js'
import type { Shape, Told } from './shape.js'

/** Method and path; what begins with `:` stands for a name. Whatever changes something is POST or DELETE. */
export type RouteName = `${'GET' | 'POST' | 'DELETE'} /${string}`

/** Who asks, and for what. */
export interface Visitor<Q = unknown, B = unknown> {
  readonly services: BrokerServices
  readonly caller: Caller
  /** What stands in the path in place of `:name`. */
  readonly path: Readonly<Record<string, string>>
  readonly query: Q
  readonly body: B
  readonly api: Api
}

type MaybePromise<T> = T | Promise<T>

/** What docs/api.md says of a call, and what is done before it is answered. */
export interface RouteRow<Q extends Parameters, B extends Parameters, S extends Shape> {
  readonly name: RouteName
  readonly about: string
  readonly rights: Rights
  readonly query?: Q
  /** Fields of the JSON that comes with it. */
  readonly body?: B
  readonly answer: S
  /** Brokers ask it of each other, and nobody else. */
  readonly isInternal?: boolean
  /** Who answers it; default: all together where there is a `merge`, else any broker. */
  readonly at?: (visitor: Visitor<Given<Q>, Given<B>>) => Place
  /** How long its answer may take, in milliseconds, beyond what one usually takes. */
  readonly lastsMs?: (visitor: Visitor<Given<Q>, Given<B>>) => number
  /** Each broker knows a part: makes one answer of those that came. `missing`: brokers that did not answer. */
  readonly merge?: (
    parts: readonly Told<S>[],
    visitor: Visitor<Given<Q>, Given<B>>,
    missing: readonly number[],
  ) => MaybePromise<Told<S>>
  /** What the audit is told. */
  readonly change?: RouteChange
  /** How those who watch it learn what has changed. */
  readonly live?: Live<Told<S>>
}

export interface RouteChange extends Pick<Change, 'operation' | 'type'> {
  /** What stands in the path for what is changed. */
  readonly of: string
  /** Of what was asked for. */
  detail?(body: unknown): string | undefined
}

/** An answer in rows that change for themselves. */
export interface Live<Answer> {
  /** As events name it. */
  readonly view: string
  /** What of it stands in the path, by the name of the parameter. */
  readonly everyMs: 1000 | 2000
  rows(answer: Answer): Iterable<readonly [key: string, row: unknown]>
  /** What goes on in it and ends by itself, as an event of its own: a reset that waits for members; null: nothing. */
  underway?(answer: Answer): object | null
  /** Is the order of rows a part of what is shown? */
  readonly isOrdered?: boolean
}

/** One call with all that is said of it; the types of its parts are known where it is declared. */
export interface Route extends Omit<RouteRow<Parameters, Parameters, Shape>, 'at' | 'merge' | 'live' | 'lastsMs'> {
  readonly query: Parameters
  readonly body: Parameters
  at?(visitor: Visitor): Place
  lastsMs?(visitor: Visitor): number
  merge?(parts: readonly unknown[], visitor: Visitor, missing: readonly number[]): unknown
  readonly live?: Live<unknown>
  answerTo(visitor: Visitor): MaybePromise<unknown>
}

type Empty = Record<never, never>

/** Declares a call: what it says of itself, and how it is answered. */
export function route<S extends Shape, Q extends Parameters = Empty, B extends Parameters = Empty>(
  row: RouteRow<Q, B, S>,
  answer: (visitor: Visitor<Given<Q>, Given<B>>) => MaybePromise<Told<S> | Problem>,
): Route {
  const { query = {}, body = {} } = row
  return { ...(row as unknown as Route), query, body, answerTo: answer as Route['answerTo'] }
}
