import type { AskedLeader } from '../../cluster.js'
import type { Documents } from '../../documents.js'
import { type AskedLeaders, type ClusterImage, leaderOf } from '../../image.js'
import { askedLeadersDocument, readAskedLeaders, writeAskedLeaders } from './asked-leaders-document.js'
import { changeDocument } from './change-document.js'

/**
 * Notes who is wanted to lead partitions, where all brokers see it: whoever leads one of them gives it away. Answers those by which
 * something was changed.
 */
export function noteAskedLeaders(
  documents: Documents,
  image: () => ClusterImage,
  wanted: readonly AskedLeader[],
): Promise<ReadonlySet<AskedLeader>> {
  return changeDocument(documents, askedLeadersDocument, (before) => {
    const { asked, changed } = withWanted(readAskedLeaders(before), image(), wanted)
    return { result: changed, content: changed.size > 0 ? writeAskedLeaders(asked) : undefined }
  })
}

function withWanted(before: AskedLeaders, image: ClusterImage, wanted: readonly AskedLeader[]) {
  const asked = new Map([...standing(before, image)])
  const changed = new Set<AskedLeader>()
  for (const one of wanted) {
    const partId = leaderOf(image, one.topic, one.partition)?.partId
    if (partId === undefined || one.to === (asked.get(partId) ?? null)) continue
    changed.add(one)
    if (one.to === null) asked.delete(partId)
    else asked.set(partId, one.to)
  }
  return { asked, changed }
}

/** Partitions of topics that are gone need no leader. The image is not older than the document: both come with the same answers. */
function* standing(asked: AskedLeaders, { topics }: ClusterImage): Iterable<[number, number]> {
  if (asked.size === 0) return
  for (const { partitions } of topics.values()) {
    for (const { partId } of partitions) {
      const broker = asked.get(partId)
      if (broker !== undefined) yield [partId, broker]
    }
  }
}
