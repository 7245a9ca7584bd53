/** Why a manual placement of replicas is impossible here, as a sentence; undefined when it is what happens anyway. */
export function assignmentFault(replicaLists: readonly (readonly number[])[], nodeId: number): string | undefined {
  for (const replicas of replicaLists) {
    if (replicas.length === 0) return 'Every partition must have a replica.'
    if (new Set(replicas).size < replicas.length) return 'A broker can have one replica of a partition only.'
    const unknown = replicas.find((id) => id !== nodeId)
    if (unknown !== undefined) return `There is no broker ${unknown}; this cluster has broker ${nodeId} only.`
  }
  return undefined
}
