import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { Logs } from '../log/logs.js'
import { isolationOf, type ReadSources } from './how-read.js'
import { placeRead } from './place-read.js'
import type { GroupQuestion, LagAnswers, PlaceAnswer, PlaceQuestion } from './questions.js'
import { exactWaiting, heldBackBy, type Looks, mostLooks } from './what-waits.js'

export interface AnswerSources extends ReadSources {
  readonly logs: Logs
  readonly clock: Clock
}

/** What waits for groups of other brokers in partitions that this one leads. */
export async function answerQuestions(
  questions: readonly GroupQuestion[],
  sources: AnswerSources,
): Promise<LagAnswers> {
  const breath = new Breath(sources.clock)
  const looks = { left: mostLooks }
  const answers: (PlaceAnswer | null)[][] = []
  for (const { clients, places, asksReads } of questions) {
    const ofGroup: (PlaceAnswer | null)[] = []
    for (const place of places) {
      const answer = await answerFor(place, clients, { ...sources, looks })
      ofGroup.push(answer && asksReads ? { ...answer, read: placeRead(clients, place, sources) } : answer)
      if (breath.isDue) await breath.take()
    }
    answers.push(ofGroup)
  }
  return answers
}

async function answerFor(
  { topic, partition, offset }: PlaceQuestion,
  clients: GroupQuestion['clients'],
  sources: AnswerSources & { looks: Looks },
): Promise<PlaceAnswer | null> {
  const log = sources.logs.view(topic, partition)
  if (!log) return null
  const { logStartOffset, highWatermark: logEndOffset } = log
  const standing = {
    topic,
    partition,
    committed: { offset },
    log,
    logStartOffset,
    logEndOffset,
    lag: logEndOffset - offset,
  }
  const isolation = isolationOf(clients, standing, sources)
  const waiting = await exactWaiting(standing, isolation, sources.looks)
  if (waiting === null) return null
  if (waiting.kind === 'batch') return { logStartOffset, waits: waiting.arrival, heldBack: null }
  return { logStartOffset, waits: null, heldBack: await heldBackBy(standing, isolation, sources.looks) }
}
