import { type ErrorFacts, RivvenError } from '@rivven/link'

/** An error as one thread tells another of it: what is copied between threads forgets its class. */
export interface ToldError {
  readonly code: string
  /** Without the hint. */
  readonly message: string
  readonly hint: string | undefined
  readonly facts: Readonly<ErrorFacts>
  readonly errorCode: number | undefined
}

export function toldError({ code, message, hint, facts, errorCode }: RivvenError): ToldError {
  const text = hint === undefined ? message : message.slice(0, message.length - hint.length).trimEnd()
  return { code, message: text, hint, facts, errorCode }
}

export function heardError({ code, message, hint, facts, errorCode }: ToldError): RivvenError {
  const details = { facts, ...(hint === undefined ? {} : { hint }) }
  return new RivvenError(code, message, errorCode === undefined ? details : { ...details, errorCode })
}
