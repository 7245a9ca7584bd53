import type { HandOverFact, HistoryFacts } from '@rivven/doctor'
import { errorOf } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { GroupHistory } from '../coordinator/history/group-history.js'
import type { HandOverSum } from '../coordinator/history/hand-overs.js'
import { median } from '../median.js'

type Past = Required<Pick<HistoryFacts, 'departures' | 'replacements' | 'refusedCommits' | 'handOvers'>>

/** What is remembered of a group; undefined: nothing has happened to it yet. */
export function historyOf(history: GroupHistory | undefined, clock: Clock): Past {
  const now = clock.monotonic()
  return {
    departures: history?.departures.of(clock.now()) ?? [],
    replacements: {
      replaced: history?.replaced ?? [],
      fenced: Math.round(history?.fenced.of(now) ?? 0),
    },
    refusedCommits: (history?.refused.of(now) ?? []).map(({ memberId, errorCode, count }) => ({
      ...{ memberId, count },
      error: errorOf(errorCode).name,
    })),
    handOvers: (history?.handOvers.all ?? []).map(handOverOf),
  }
}

export function handOverOf({ pauses, readAgain, ...sum }: HandOverSum): HandOverFact {
  return {
    ...sum,
    recordsReadAgain: readAgain,
    pauseMedianMs: median(pauses) ?? 0,
    pauseMaxMs: Math.max(0, ...pauses),
  }
}
