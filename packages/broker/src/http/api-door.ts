import type { Clock } from '@rivven/runtime'
import type { Api } from '../api/api.js'
import { Problem } from '../api/problem.js'
import type { HttpListenerConfig } from '../config/http-listener.js'
import { bodyOf, changeFault, hasBody } from './hook/changes.js'
import type { Entrance } from './hook/entrance.js'
import type { PageContext } from './page.js'
import { apiResponse, problemResponse } from './problem-response.js'

export interface ApiDoorOptions {
  readonly api: Api
  readonly entrance: Entrance
  readonly listener: HttpListenerConfig
  readonly clock: Clock
}

/** The API over HTTP: what is asked for, whether that may be, who asks; then what the API says. */
export class ApiDoor {
  readonly #options: ApiDoorOptions

  constructor(options: ApiDoorOptions) {
    this.#options = options
  }

  async answer(context: PageContext): Promise<Response> {
    const { api, entrance, listener, clock } = this.#options
    const { method, target } = askedBy(context)
    const found = api.find(method, target)
    if (found instanceof Problem) return problemResponse(found)
    const { route, path } = found
    if (route.isInternal) return problemResponse(new Problem('NOT_FOUND', `There is nothing at ${target}.`))
    const isChange = method !== 'GET'
    const fault = isChange ? changeFault(context, listener) : bodyFault(context)
    if (fault) return problemResponse(fault)
    const guest = await entrance.admit(context, { api: route.name, rights: route.rights, path })
    if (guest instanceof Response) return guest
    const body = isChange ? await bodyOf(context) : { json: undefined }
    if (body instanceof Problem) return problemResponse(body)
    const { broker: services, caller, seesAll } = guest
    const reply = await api.reply(found, { services, caller, seesAll, body: body.json, door: 'http' })
    return apiResponse(reply, clock)
  }
}

/** As it was written: names are decoded by whoever knows which part is one. */
export function askedBy({ req }: PageContext): { method: string; target: string } {
  const { pathname, search } = new URL(req.url)
  return { method: req.method === 'HEAD' ? 'GET' : req.method, target: `${pathname}${search}` }
}

export function bodyFault(context: PageContext): Problem | undefined {
  return hasBody(context)
    ? new Problem('BODY_NOT_TAKEN', 'Who asks for something to be shown sends no body.')
    : undefined
}
