import type { Clock } from '@rivven/runtime'
import { eachInTurns, mapInTurns } from '../../breath.js'
import type { ShardDecision, ShardRules, WrittenRecord } from './shard-rules.js'

/** A decision of more events is put into effect in stretches: 10,000 committed offsets are up to 90 ms of work. */
export const fewEvents = 1_000

type Rules<Shard, Event> = ShardRules<Shard, Event, ShardDecision<Event>>

/** Brings events into effect in memory; the records to be written for them. Throws before anything has changed. */
export function enact<Shard, Event>(
  rules: Rules<Shard, Event>,
  shard: Shard,
  events: readonly Event[],
): WrittenRecord[] {
  // Encoded before anything changes: what cannot be written down must not happen.
  const records = events.map((event) => rules.encode(event))
  for (const event of events) rules.replay(shard, event)
  return records
}

/** The same for many events, with turns for others in between, who must not look at the shard meanwhile. */
export async function enactInTurns<Shard, Event>(
  rules: Rules<Shard, Event>,
  shard: Shard,
  events: readonly Event[],
  clock: Clock,
): Promise<WrittenRecord[]> {
  const records = await mapInTurns(events, clock, (event) => rules.encode(event))
  await eachInTurns(events, clock, (event) => rules.replay(shard, event))
  return records
}
