import { invalid } from './options.js'

/**
 * Lets calls that a class of another client has, and ours has not, say what to write instead of "is not a function". Types do
 * not know them, and nobody who looks at the properties of a client sees them.
 */
export function hintAtCalls(client: { readonly prototype: object }, hints: Readonly<Record<string, string>>): void {
  for (const [call, hint] of Object.entries(hints)) {
    const refuse = (): never => {
      throw invalid(`There is no ${call}() here.`, hint)
    }
    Object.defineProperty(client.prototype, call, {
      value: refuse,
      enumerable: false,
      configurable: true,
      writable: true,
    })
  }
}

/** Of every client of kafkajs. */
export const commonCalls = {
  connect: 'It connects by itself with the first call that needs it: leave connect() out.',
  disconnect: 'Write close().',
  on: 'It tells its logger, an option, what may become a problem; calls throw what fails.',
} as const
