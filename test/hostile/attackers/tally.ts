/** What one attack did, and what came of it. */
export interface Tally {
  row: string
  name: string
  runs: number
  connections: number
  requests: number
  /** How often each kind of answer came. */
  answers: Record<string, number>
  /** What was answered as it may not be: the first few, and how many there were. */
  wrong: string[]
  wrongCount: number
}

const MOST_SHOWN = 3

export function newTally({ row, name }: { row: string; name: string }): Tally {
  return { row, name, runs: 0, connections: 0, requests: 0, answers: {}, wrong: [], wrongCount: 0 }
}

export function countAnswer(tally: Tally, answer: string): void {
  tally.answers[answer] = (tally.answers[answer] ?? 0) + 1
}

export function countWrong(tally: Tally, what: string): void {
  tally.wrongCount++
  if (tally.wrong.length < MOST_SHOWN) tally.wrong.push(what)
}
