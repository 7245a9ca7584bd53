import { AlterUserScramCredentials, ErrorCode, scramMechanisms } from '@rivven/protocol'
import { handler } from './handler.js'
import { clusterDenial } from './rights/denial.js'

/** One result a user (KIP-554): what is wrong with one does not keep the others from being changed. */
export const handleAlterUserScramCredentials = handler(
  AlterUserScramCredentials,
  async ({ deletions, upsertions }, { security }, context) => {
    const denied = clusterDenial(context, 'ALTER')
    if (denied !== ErrorCode.NONE) {
      const refusal = { errorCode: denied, errorMessage: 'This needs ALTER on the cluster.' }
      const users = new Set([...deletions, ...upsertions].map(({ name }) => name))
      return { results: Array.from(users, (user) => ({ user, ...refusal })) }
    }
    const results = await security.users.alter({
      deletions: deletions.map(withMechanism),
      upsertions: upsertions.map(withMechanism),
    })
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
