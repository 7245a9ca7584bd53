import type { Address } from '@rivven/runtime'

export { addressText } from '@rivven/runtime'

export function sameAddress(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port
}
