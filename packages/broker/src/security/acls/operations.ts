import { type AclOperation, aclOperations } from '@rivven/protocol'

/** A set of operations: the bit of each is its code, as in the fields of authorized operations (KIP-430). */
export type Operations = number

/** All that an ACL may name. */
export const operationNames = aclOperations.names.filter((name) => name !== 'UNKNOWN' && name !== 'ANY')

const bits = Object.fromEntries(operationNames.map((name) => [name, 1 << aclOperations.codeOf(name)])) as Readonly<
  Record<AclOperation, Operations>
>

const every: Operations = Object.values(bits).reduce((all, bit) => all | bit, 0)
const impliesDescribe = bits.READ | bits.WRITE | bits.DELETE | bits.ALTER

export const NO_OPERATION: Operations = 0
export const EVERY_OPERATION: Operations = every
export const ALL_OPERATION: Operations = bits.ALL

export function bitOf(operation: AclOperation): Operations {
  return bits[operation]
}

export function includes(operations: Operations, operation: AclOperation): boolean {
  return (operations & bits[operation]) !== 0
}

const ofBit = new Map(operationNames.map((name) => [bits[name], name]))

/** The operation of a set of one. */
export function operationOf(bit: Operations): AclOperation {
  return ofBit.get(bit) as AclOperation
}

/** What is left of rights that some ACLs allow and others deny: ALL is every operation, and only what is allowed implies. */
export function granted(allowed: Operations, denied: Operations): Operations {
  if ((denied & bits.ALL) !== 0) return NO_OPERATION
  return implied(allowed) & ~denied
}

function implied(allowed: Operations): Operations {
  if ((allowed & bits.ALL) !== 0) return every
  let all = allowed
  if ((allowed & impliesDescribe) !== 0) all |= bits.DESCRIBE
  if ((allowed & bits.ALTER_CONFIGS) !== 0) all |= bits.DESCRIBE_CONFIGS
  return all
}
