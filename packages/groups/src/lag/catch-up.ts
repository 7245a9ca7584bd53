/** When a group will have caught up in a partition, if both sides go on as they do. */
export interface CatchUp {
  /** 0: nothing waits. Null: never, as it looks, or nobody knows yet. */
  readonly catchUpSeconds: number | null
  /** Why never; null: it will, or nobody knows yet. */
  readonly eta: 'growing' | 'standing' | null
}

export interface CatchUpFacts {
  readonly waits: boolean
  /** Records. */
  readonly lag: number
  readonly consumedPerSecond: number | null
  readonly producedPerSecond: number | null
}

/** Faster than this share of what comes, and than this a second: else it is no catching up. */
const leastShare = 0.02
const leastPerSecond = 0.01

export function catchUpOf({ waits, lag, consumedPerSecond, producedPerSecond }: CatchUpFacts): CatchUp {
  if (!waits) return { catchUpSeconds: 0, eta: null }
  if (consumedPerSecond === null || producedPerSecond === null) return { catchUpSeconds: null, eta: null }
  const gain = consumedPerSecond - producedPerSecond
  const least = Math.max(leastShare * producedPerSecond, leastPerSecond)
  if (gain > least) return { catchUpSeconds: inTwoDigits(lag / gain), eta: null }
  return { catchUpSeconds: null, eta: gain < -least ? 'growing' : 'standing' }
}

/** The one that takes longer: a group has caught up when it has in its last partition. */
export function laterCatchUp(one: CatchUp, other: CatchUp): CatchUp {
  return delayOf(other) > delayOf(one) ? other : one
}

/** Comparable: longer than any time is not to know, then to stand still, then to fall behind. */
function delayOf({ catchUpSeconds, eta }: CatchUp): number {
  if (catchUpSeconds !== null) return catchUpSeconds
  return Number.MAX_VALUE * (eta === 'growing' ? 1 : eta === 'standing' ? 0.5 : 0.25)
}

function inTwoDigits(seconds: number): number {
  return Number(seconds.toPrecision(2))
}
