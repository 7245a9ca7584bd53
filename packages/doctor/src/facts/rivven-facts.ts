import type { GroupWait, RebalanceStory } from '@rivven/groups'

/** What brokers of Rivven keep of the past, and see while it happens. */
export interface RivvenFacts {
  /** Rebalances of the last 24 hours, as far as they are kept, newest last. */
  readonly rebalances?: readonly RebalanceStory[]
  /** For whom the group waits that is rebalancing, and who has lost its connection; null: nobody. */
  readonly wait?: GroupWait | null
}

const rivven = 'Rivven'
export const toldByRivven: Record<keyof RivvenFacts, string> = { rebalances: rivven, wait: rivven }
