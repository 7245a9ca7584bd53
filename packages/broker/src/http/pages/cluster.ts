import { clusterPage } from '../../handlers/calls/describe-cluster.js'
import type { GuardedPage } from '../page.js'

export const clusterPages: readonly GuardedPage[] = [
  { kind: 'guarded', name: 'GET /api/cluster', answer: ({ context, broker }) => context.json(clusterPage(broker)) },
]
