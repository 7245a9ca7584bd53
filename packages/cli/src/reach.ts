import { Admin, RivvenError } from '@rivven/client'

/** How long the cluster may take for its first answer, in milliseconds: long enough for a broker that is starting. */
const patienceMs = 5000

/**
 * Asks the cluster for a first answer, so that every command says in the same words, and soon, that nobody is there:
 * the clients themselves wait much longer for a cluster to come back.
 */
export async function requireAnswer(bootstrapServers: string[]): Promise<void> {
  const admin = adminOf(bootstrapServers)
  try {
    await admin.describeCluster()
  } catch (error) {
    if (!(error instanceof RivvenError && error.retriable)) throw error
    if (error.code === 'NO_BROKER_REACHABLE') throw error
    const { cause } = error
    const reason = cause instanceof Error ? cause.message : error.message
    throw new Error(`No broker answered at ${bootstrapServers.join(', ')} within ${patienceMs / 1000} s: ${reason}`)
  } finally {
    await admin.close()
  }
}

function adminOf(bootstrapServers: string[]): Admin {
  return new Admin({
    clientId: 'rivvenctl',
    bootstrapServers,
    requestTimeoutMs: patienceMs,
    connectTimeoutMs: patienceMs,
  })
}
