/** Why a manual placement of replicas is impossible here, as a sentence; undefined where it can be. */
export function assignmentFault(
  replicaLists: readonly (readonly number[])[],
  brokers: ReadonlyMap<number, unknown>,
): string | undefined {
  for (const replicas of replicaLists) {
    if (replicas.length === 0) return 'Every partition must have a replica.'
    if (new Set(replicas).size < replicas.length) return 'A broker can have one replica of a partition only.'
    const unknown = replicas.find((id) => !brokers.has(id))
    if (unknown !== undefined) return `There is no broker ${unknown}; this cluster has ${listOf([...brokers.keys()])}.`
  }
  return undefined
}

function listOf(ids: readonly number[]): string {
  return ids.length === 1 ? `broker ${ids[0]} only` : `the brokers ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`
}
