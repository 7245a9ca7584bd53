/** How far a group is behind in a partition, in records; null if it never committed there. Never below 0. */
export function lagOf(logEndOffset: number, committedOffset: number): number | null {
  return committedOffset < 0 ? null : Math.max(0, logEndOffset - committedOffset)
}
