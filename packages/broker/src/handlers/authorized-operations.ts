// What a caller may do, as bit fields of operation codes (data-plane.md §16.3). Without ACLs everybody may do everything
// that makes sense for the kind of resource.
const operation = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
}

const bits = (...codes: number[]) => codes.reduce((field, code) => field | (1 << code), 0)

export const groupOperations = bits(
  operation.read,
  operation.delete,
  operation.describe,
  operation.describeConfigs,
  operation.alterConfigs,
)

export const topicOperations = bits(
  operation.read,
  operation.write,
  operation.create,
  operation.delete,
  operation.alter,
  operation.describe,
  operation.describeConfigs,
  operation.alterConfigs,
)

export const clusterOperations = bits(
  operation.create,
  operation.alter,
  operation.describe,
  operation.clusterAction,
  operation.describeConfigs,
  operation.alterConfigs,
  operation.idempotentWrite,
)

/** The value of the field where nobody asked. */
export { operationsNotAsked as notAsked } from '@rivven/groups'
