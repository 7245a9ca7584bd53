import type { Seen, Timed, Watcher } from '../history/history.js'
import type { Inspection } from '../history/inspection.js'
import type { Plan } from '../plan/plan.js'
import type { Check, Report, Violation } from './check.js'
import { CalledDead } from './cluster/called-dead.js'
import { Leaders } from './cluster/leaders.js'
import { QuietGroup } from './cluster/quiet-group.js'
import { Refusals } from './cluster/refusals.js'
import { Spread } from './cluster/spread.js'
import { Terms } from './cluster/terms.js'
import { FinalState } from './final-state.js'
import { Assignments } from './groups/assignments.js'
import { Generations } from './groups/generations.js'
import { IdleMembers } from './groups/idle-members.js'
import { OneOwner } from './groups/one-owner.js'
import { Promptness } from './groups/promptness.js'
import { ReleasedSyncs } from './groups/released-syncs.js'
import { Resets } from './groups/resets.js'
import { Sessions } from './groups/sessions.js'
import { StaticMembers } from './groups/static-members.js'
import { StaticReturns } from './groups/static-returns.js'
import { CommittedOffsets } from './reading/committed-offsets.js'
import { Polls } from './reading/polls.js'
import { Positions } from './reading/positions.js'
import { DamagedRecords } from './records/damaged-records.js'
import { DeletedRecords } from './records/deleted-records.js'
import { ExactlyOnce } from './records/exactly-once.js'
import { FencedProducers } from './records/fenced-producers.js'
import { Sequences } from './records/sequences.js'
import { WrittenRecords } from './records/written-records.js'
import { KnownRights } from './security/known-rights.js'
import { Logins } from './security/logins.js'
import { Rights } from './security/rights.js'
import { Settling } from './settling.js'

export type { Violation } from './check.js'

/** Knows what must hold, and nothing of how the product does it. */
export class Oracle implements Watcher {
  readonly violations: Violation[] = []
  readonly #checks: readonly Check[]
  readonly #generations: Generations
  readonly #settling: Settling
  readonly #finalState: FinalState
  readonly #rights: KnownRights
  readonly #leaders = new Leaders()
  /** Where there are several brokers. */
  readonly #spread: Spread | undefined
  #now = 0

  constructor(plan: Plan) {
    const report = (invariant: string, what: string) => this.report(invariant, what)
    const owners = new OneOwner(report)
    const records = new WrittenRecords(report)
    const deleted = new DeletedRecords(report)
    const groups = new Set(plan.actors.flatMap((actor) => (actor.kind === 'member' ? [actor.group] : [])))
    const gone = new DamagedRecords(report, deleted, [...groups])
    this.#generations = new Generations(report, plan)
    this.#rights = new KnownRights(plan)
    this.#finalState = new FinalState(plan, owners)
    this.#settling = new Settling(report, plan, { owners, records, gone })
    this.#spread = plan.cluster && new Spread(report, plan, this.#leaders)
    this.#checks = [
      owners,
      records,
      deleted,
      gone,
      this.#generations,
      new CommittedOffsets(report, plan),
      new Resets(report),
      new Polls(report, plan, gone),
      new ExactlyOnce(report, plan),
      new Positions(report, plan, gone),
      new Assignments(report, plan, this.#rights),
      new Sessions(report),
      new IdleMembers(report, plan),
      new StaticMembers(report, plan),
      new StaticReturns(report),
      new Promptness(report),
      new ReleasedSyncs(report),
      new FencedProducers(report),
      new Sequences(report),
      new Rights(report, this.#rights),
      new Logins(report, plan),
      this.#finalState,
      this.#settling,
      ...(this.#spread ? [this.#spread, ...this.#ofClusters(report, plan)] : []),
    ]
  }

  see(event: Timed<Seen>): void {
    this.#now = event.at
    this.#leaders.see(event)
    this.#rights.see(event)
    for (const check of this.#checks) check.see(event)
  }

  end(now: number): void {
    this.#now = now
    for (const check of this.#checks) check.end?.()
  }

  report(invariant: string, what: string): void {
    this.violations.push({ invariant, what, at: this.#now })
  }

  #ofClusters(report: Report, plan: Plan): Check[] {
    const ofLeaders = [new Terms(report, this.#leaders), new Refusals(report, this.#leaders)]
    return [...ofLeaders, new QuietGroup(report, plan), new CalledDead(report)]
  }

  /** What is wrong with a group at the end. */
  problemsOf(found: Inspection): string[] {
    return this.#finalState.problemsOf(found)
  }

  get hasFailed(): boolean {
    return this.violations.length > 0
  }

  get isSettled(): boolean {
    return this.#settling.isSettled && (this.#spread?.isDone ?? true)
  }

  get rebalances(): number {
    return this.#generations.rebalances
  }
}
