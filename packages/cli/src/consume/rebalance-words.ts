import type { RebalanceInfo, RebalanceListener } from '@rivven/client'
import type { CommandContext } from '../context.js'
import type { WrittenOffsets } from './written-offsets.js'

type Places = readonly { topic: string; partition: number }[]

/** Commits before partitions go, and with `isVerbose` tells on stderr which come and go, and why. */
export function rebalanceListener(
  context: CommandContext,
  offsets: WrittenOffsets,
  isVerbose: boolean,
): RebalanceListener {
  const tell = (what: string, places: Places, { generation, protocol, cause }: RebalanceInfo) => {
    if (!isVerbose) return
    const names = places.map(({ topic, partition }) => `${topic}/${partition}`).join(', ') || 'nothing'
    context.terminal.words(`${what} ${names} (generation ${generation}, ${protocol}): ${cause}\n`)
  }
  return {
    onPartitionsAssigned: (places: Places, info: RebalanceInfo) => tell('Assigned', places, info),
    onPartitionsRevoked: async (places: Places, info: RebalanceInfo) => {
      tell('Revoked', places, info)
      await offsets.commit()
    },
    onPartitionsLost: (places: Places, info: RebalanceInfo) => {
      tell('Lost', places, info)
      offsets.forget(places)
    },
  }
}
