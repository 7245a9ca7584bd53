import { type Call, refused } from './call.js'

export interface WantedMove {
  readonly topic: string
  readonly partition: number
  /** Null: it shall stay. */
  readonly to: number | null
}

export const movesPath = '/api/cluster/moves'

/** Another broker was asked to let partitions move that are led here. Answers for each whether it is going to be so. */
export const movePartitions: Call = {
  name: `POST ${movesPath}`,
  needs: 'CLUSTER_ACTION',
  answer({ services, body }) {
    const { moves } = Object(body) as { moves?: unknown }
    if (!Array.isArray(moves) || !moves.every(isMove)) return refused(400, 'The body must be {"moves":[…]}.')
    const { cluster } = services
    return { status: 200, body: { moves: moves.map(({ topic, partition, to }) => cluster.move(topic, partition, to)) } }
  },
}

function isMove(value: unknown): value is WantedMove {
  const { topic, partition, to } = Object(value) as Partial<WantedMove>
  return typeof topic === 'string' && Number.isInteger(partition) && (to === null || Number.isInteger(to))
}
