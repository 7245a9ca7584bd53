import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { BrokerServices } from '../handlers/handler.js'
import type { Caller } from '../handlers/rights/denial.js'
import type { Health } from './health.js'

/** Method and path, as the table of rights has it (hook/page-rights). What a page changes is asked for by POST alone. */
export type PageName = `${'GET' | 'POST'} /${string}`

export type PageContext = Context<{ Bindings: HttpBindings }>

type Answer = Response | Promise<Response>

/** One thing that is answered over HTTP. The hook has been there before: whoever asks has the right that the page needs. */
export type Page = OpenPage | GuardedPage

/** For everybody, and before storage is open, too. */
export interface OpenPage {
  readonly kind: 'open'
  readonly name: PageName
  answer(context: PageContext, health: Health): Answer
}

export interface GuardedPage {
  readonly kind: 'guarded'
  readonly name: PageName
  answer(visit: Visit): Answer
}

/** Who asks for a page, and what there is to show. */
export interface Visit {
  readonly context: PageContext
  readonly broker: BrokerServices
  readonly caller: Caller
  /** What came as JSON; undefined where nothing is changed. */
  readonly body: unknown
}
