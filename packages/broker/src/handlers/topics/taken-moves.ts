import { RivvenCall } from '@rivven/protocol'
import { movesPath, type WantedMove } from '../calls/move-partitions.js'
import type { BrokerServices } from '../handler.js'

/** A partition that shall go to another broker, and who leads it now and has to give it. */
export interface AskedMove extends WantedMove {
  readonly leader: number
}

type Services = Pick<BrokerServices, 'cluster' | 'peers'>

/** Asks leaders to give partitions to others: those of which they say that it is going to be so. */
export async function takenMoves(asked: readonly AskedMove[], services: Services): Promise<ReadonlySet<AskedMove>> {
  const byLeader = new Map<number, AskedMove[]>()
  for (const one of asked) {
    const ofLeader = byLeader.get(one.leader) ?? []
    byLeader.set(one.leader, ofLeader)
    ofLeader.push(one)
  }
  const taken = await Promise.all(
    Array.from(byLeader, async ([leader, moves]) => {
      const answers = await answersOf(leader, moves, services)
      return moves.filter((_, at) => answers[at] === true)
    }),
  )
  return new Set(taken.flat())
}

/** One for each of the moves; none where the leader does not answer. */
async function answersOf(
  leader: number,
  asked: readonly AskedMove[],
  { cluster, peers }: Services,
): Promise<readonly unknown[]> {
  const moves = asked.map(({ topic, partition, to }) => ({ topic, partition, to }))
  if (leader === cluster.brokerId) return moves.map(({ topic, partition, to }) => cluster.move(topic, partition, to))
  const request = { method: 'POST', path: movesPath, body: Buffer.from(JSON.stringify({ moves })) }
  const answer = await peers.ask(leader, 'questions', RivvenCall, request).catch(() => undefined)
  if (answer?.status !== 200 || answer.body === null) return []
  const { moves: answers } = JSON.parse(Buffer.from(answer.body).toString('utf8')) as { moves?: unknown }
  return Array.isArray(answers) ? answers : []
}
