/** How far a group is behind in a partition, in records; null if it never committed there. Below 0: beyond the end. */
export function lagOf(logEndOffset: number, committedOffset: number): number | null {
  return committedOffset < 0 ? null : logEndOffset - committedOffset
}
