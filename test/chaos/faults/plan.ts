import { SeededRandom } from '@rivven/fakes'

/** What is done to one broker, chosen by its place; it is back when the fault is over. */
export type BrokerFault =
  | { kind: 'kill -9'; broker: number }
  | { kind: `SIGSTOP ${number} s`; broker: number; ms: number }
  | { kind: 'SIGTERM'; broker: number }

/** What is done to the database: a crash and a new start, or the end of its server and a standby in its place. */
export type DatabaseFault = { kind: 'database restart' } | { kind: 'fail-over' }

/** What is done to a client: a copier is killed, and another takes its name. */
export type ClientFault = { kind: 'copier killed'; copier: number }

export type Fault = BrokerFault | DatabaseFault | ClientFault

export type FaultKind = Fault['kind']

export type PlannedFault = Fault & { at: number }

export interface PlanSize {
  seconds: number
  brokers: number
  copiers: number
  hasDatabase: boolean
  /** There is a standby to be promoted. */
  hasStandby: boolean
  seed: number
}

const EVERY_MS = 3_000
const FAIL_OVER_EVERY_MS = 30_000

/** A fault every three seconds, a fail-over every thirty, all from the seed; the last seconds are left to heal. */
export function planFaults(size: PlanSize): PlannedFault[] {
  const random = new SeededRandom(size.seed)
  const faults: PlannedFault[] = []
  for (let at = EVERY_MS; at <= size.seconds * 1000 - EVERY_MS; at += EVERY_MS) {
    const isFailOver = size.hasStandby && at % FAIL_OVER_EVERY_MS === 0
    faults.push({ at, ...(isFailOver ? ({ kind: 'fail-over' } as const) : someFault(size, random)) })
  }
  return faults
}

function someFault({ brokers, copiers, hasDatabase }: PlanSize, random: SeededRandom): Fault {
  const broker = random.below(brokers)
  const faults: Fault[] = [
    { kind: 'kill -9', broker },
    { kind: 'kill -9', broker },
    { kind: 'SIGSTOP 1 s', broker, ms: 1_000 },
    { kind: 'SIGSTOP 6 s', broker, ms: 6_000 },
    { kind: 'SIGTERM', broker },
    { kind: 'SIGTERM', broker },
  ]
  if (copiers > 0) faults.push({ kind: 'copier killed', copier: random.below(copiers) })
  if (hasDatabase) faults.push({ kind: 'database restart' })
  return faults[random.below(faults.length)]!
}
