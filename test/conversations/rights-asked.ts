import { join } from 'node:path'

// The broker's own parts, which its package does not show: its handlers, and the table of what each may ask.
const handlersFolder = join(import.meta.dirname, '../../../packages/broker/dist/src/handlers')

interface Access {
  may(operation: string, type: string, name: string): boolean
  mayOnAny(operation: string, type: string): boolean
}

interface Handler {
  readonly api: { readonly name: string }
  handle(request: unknown, services: unknown, context: { readonly access: Access }): unknown
}

/** By API: what its handler has asked whether its caller may do it, in the words of the table. */
export type RightsAsked = ReadonlyMap<string, Set<string>>

/** From now on every handler of this process is listened to. */
export async function listenToHandlers(): Promise<RightsAsked> {
  const { allHandlers }: { allHandlers: readonly Handler[] } = await import(join(handlersFolder, 'all-handlers.js'))
  const asked = new Map(allHandlers.map(({ api }) => [api.name, new Set<string>()]))
  for (const handler of allHandlers) {
    const { handle, api } = handler
    handler.handle = (request, services, context) =>
      handle(request, services, { ...context, access: listened(context.access, asked.get(api.name)!) })
  }
  return asked
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
  return new Proxy(access, {
    get: (target, name) => {
      if (name === 'may') return may
      if (name === 'mayOnAny') return mayOnAny
      const value = Reflect.get(target, name, target)
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
