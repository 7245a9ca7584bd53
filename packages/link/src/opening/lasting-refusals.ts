import { isRetriable, RivvenError } from '../errors/errors.js'

/** Another attempt with the same credentials would end in the same way: somebody has to change something. */
export function isLastingRefusal(error: unknown): error is RivvenError {
  const codes = ['AUTHENTICATION_FAILED', 'UNSUPPORTED_MECHANISM', 'TLS_FAILED']
  return error instanceof RivvenError && codes.includes(error.code) && !isRetriable(error)
}
