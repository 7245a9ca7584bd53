import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Rights } from '../api/rights.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { Health } from './health.js'

export type PageContext = Context<{ Bindings: HttpBindings }>

type Answer = Response | Promise<Response>

/** What is answered over HTTP alone. The hook has been there before: whoever asks has the right that the page needs. */
export type Page = OpenPage | GuardedPage

/** For everybody, and before storage is open, too. */
export interface OpenPage {
  readonly kind: 'open'
  readonly path: string
  answer(context: PageContext, health: Health): Answer
}

export interface GuardedPage {
  readonly kind: 'guarded'
  readonly path: string
  /** Who may have it. */
  readonly rights: Rights
  answer(context: PageContext, broker: BrokerServices): Answer
}
