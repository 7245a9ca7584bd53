import { join } from 'node:path'
import { ErrorCode } from '@rivven/protocol'

// The broker's own parts, which its package does not show: its handlers, and the table of what each may ask.
const handlersFolder = join(import.meta.dirname, '../../../packages/broker/dist/src/handlers')

interface Access {
  may(operation: string, type: string, name: string): boolean
  mayOnAny(operation: string, type: string): boolean
}

interface Handler {
  readonly api: { readonly name: string }
  handle(request: unknown, services: unknown, context: Context): unknown
}

interface Context {
  readonly access: Access
  readonly audit: { denied(...facts: unknown[]): void }
}

/** By API: what its handler has asked whether its caller may do it, in the words of the table. */
export type RightsAsked = ReadonlyMap<string, Set<string>>

/** Answers whose errors do not fit what the audit was told: an error of missing rights and no denial, or the other way round. */
export type Misfits = string[]

/** From now on every handler of this process is listened to. */
export async function listenToHandlers(): Promise<{ asked: RightsAsked; misfits: Misfits }> {
  const { allHandlers }: { allHandlers: readonly Handler[] } = await import(join(handlersFolder, 'all-handlers.js'))
  const asked = new Map(allHandlers.map(({ api }) => [api.name, new Set<string>()]))
  const misfits: Misfits = []
  for (const handler of allHandlers) {
    const { handle, api } = handler
    handler.handle = (request, services, context) => {
      const access = listened(context.access, asked.get(api.name)!)
      const denials: unknown[] = []
      const denied = (...facts: unknown[]) => {
        denials.push(facts)
        context.audit.denied(...facts)
      }
      const answer = handle(request, services, { ...context, access, audit: replaced(context.audit, { denied }) })
      const look = (made: unknown) => {
        const errors = denialsIn(made)
        const isTold = denials.length > 0
        if (errors > 0 !== isTold && !isAnotherMatter(request, made)) {
          misfits.push(`${api.name}: ${errors} errors, ${denials.length} denials`)
        }
        return made
      }
      return answer instanceof Promise ? answer.then(look) : look(answer)
    }
  }
  return { asked, misfits }
}

const denialCodes: readonly number[] = [
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.GROUP_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
]

/** Errors of missing rights, wherever they stand in an answer. */
function denialsIn(part: unknown): number {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return 0
  let count = 0
  for (const [name, value] of Object.entries(part)) {
    const isError = name === 'errorCode' || name === 'partitionErrorCode'
    count += isError && denialCodes.includes(value) ? 1 : denialsIn(value)
  }
  return count
}

/** Where nothing is asked there is nothing to put an error in; and records of a transaction without its id break a rule. */
function isAnotherMatter(request: unknown, answer: unknown): boolean {
  const { transactionalId } = request as { transactionalId?: string | null }
  const lists = Object.values(answer ?? {}).filter((value) => Array.isArray(value))
  return transactionalId === null || lists.every((list) => list.length === 0)
}

function listened(access: Access, asked: Set<string>): Access {
  const may = (operation: string, type: string, name: string): boolean => {
    asked.add(`${operation} ${type}`)
    return access.may(operation, type, name)
  }
  const mayOnAny = (operation: string, type: string): boolean => {
    asked.add(`${operation} any ${type}`)
    return access.mayOnAny(operation, type)
  }
  return replaced(access, { may, mayOnAny })
}

/** The same object with some methods of ours. */
function replaced<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get: (target, name) => {
      const value = Reflect.get(Object.hasOwn(methods, name) ? methods : target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The row of an API in the broker's table. */
export async function rowOf(apiName: string): Promise<readonly string[]> {
  const { rightsOf }: { rightsOf(name: string): readonly string[] | undefined } = await import(
    join(handlersFolder, 'rights/api-rights.js')
  )
  return rightsOf(apiName) ?? []
}

/** Everything that RivvenCall answers, with the right that it needs. */
export async function allRoutes(): Promise<readonly { name: string; rights: { needs?: string } }[]> {
  return (await import(join(handlersFolder, '../api/all-routes.js'))).allRoutes
}
