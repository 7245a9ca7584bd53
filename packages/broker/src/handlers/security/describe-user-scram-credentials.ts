import { DescribeUserScramCredentials, ErrorCode, scramMechanisms } from '@rivven/protocol'
import { type DescribedUser, describeUsers } from '../../security/users/described-users.js'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'

/** Mechanisms and iterations of users (KIP-554); what could be used to log in is never shown. */
export const handleDescribeUserScramCredentials = handler(
  DescribeUserScramCredentials,
  (request, services, context) => {
    const names = request.users?.map(({ name }) => name) ?? null
    const denied = clusterDenial(context, 'DESCRIBE')
    if (denied !== ErrorCode.NONE) {
      const refusal = { errorCode: denied, errorMessage: 'This needs DESCRIBE on the cluster.' }
      // Without names, as Kafka has it.
      return { ...refusal, results: (names ?? []).map(() => ({ user: '', ...refusal, credentialInfos: [] })) }
    }
    const described = describeUsers(services.security.users.users, names)
    return { errorCode: ErrorCode.NONE, errorMessage: '', results: described.map(resultOf) }
  },
)

function resultOf({ name, error, message, credentials }: DescribedUser) {
  const credentialInfos = credentials.map(({ mechanism, iterations }) => ({
    mechanism: scramMechanisms.codeOf(mechanism),
    iterations,
  }))
  return { user: name, errorCode: ErrorCode[error], errorMessage: message ?? '', credentialInfos }
}
