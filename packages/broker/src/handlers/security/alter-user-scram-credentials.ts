import { AlterUserScramCredentials, ErrorCode, scramMechanisms } from '@rivven/protocol'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { type StorageFault as Refusal, storedOr } from '../storage-fault.js'

/** One result a user (KIP-554): what is wrong with one does not keep the others from being changed. */
export const handleAlterUserScramCredentials = handler(
  AlterUserScramCredentials,
  async ({ deletions, upsertions }, services, context) => {
    const refuseAll = (refusal: Refusal) => {
      const users = new Set([...deletions, ...upsertions].map(({ name }) => name))
      return { results: Array.from(users, (user) => ({ user, ...refusal })) }
    }
    const denied = clusterDenial(context, 'ALTER')
    if (denied !== ErrorCode.NONE) {
      return refuseAll({ errorCode: denied, errorMessage: 'This needs ALTER on the cluster.' })
    }
    const alterations = { deletions: deletions.map(withMechanism), upsertions: upsertions.map(withMechanism) }
    const results = await storedOr(services, () => services.security.users.alter(alterations))
    if ('errorCode' in results) return refuseAll(results)
    return {
      results: Array.from(results, ([user, { error, message }]) => ({
        user,
        errorCode: ErrorCode[error],
        errorMessage: message,
      })),
    }
  },
)

function withMechanism<Asked extends { readonly mechanism: number }>(asked: Asked) {
  return { ...asked, mechanism: scramMechanisms.nameOf(asked.mechanism) }
}
