import type { Actor, Stage } from '../actors/actor.js'
import { Administrator } from '../actors/administrator.js'
import { BrokerMachine } from '../actors/broker-machine.js'
import { ClusterFaults } from '../actors/cluster-faults.js'
import { Copier } from '../actors/copier.js'
import { Doors } from '../actors/doors.js'
import { Faults } from '../actors/faults.js'
import { inspect } from '../actors/inspector.js'
import { Liar } from '../actors/liar.js'
import { LyingProducer } from '../actors/lying-producer.js'
import { Member } from '../actors/member.js'
import { Overstayer } from '../actors/overstayer.js'
import { RecordProducer } from '../actors/record-producer.js'
import { Resetter } from '../actors/resetter.js'
import { RightsKeeper } from '../actors/rights-keeper.js'
import { Stubborn } from '../actors/stubborn.js'
import { History } from '../history/history.js'
import type { Inspection } from '../history/inspection.js'
import { lineOf } from '../history/line-of.js'
import { wireTap } from '../history/wire-tap.js'
import { Oracle, type Violation } from '../oracle/oracle.js'
import { brokerHosts } from '../plan/brokers.js'
import type { ActorPlan, FaultPlan, Plan } from '../plan/plan.js'
import { SimDatabase } from '../world/sim-database.js'
import { World } from '../world/world.js'
import { found } from './founding.js'
import { catchingStrayErrors } from './stray-errors.js'

/** What came of a run. */
export interface Outcome {
  readonly violations: readonly Violation[]
  /** The same in every run of the same plan. */
  readonly traceHash: string
  readonly simulatedMs: number
  readonly steps: number
  readonly rebalances: number
}

/** Far more than any plan needs. */
const mostSteps = 300_000

/** Lets a plan happen, with the oracle beside it. */
export async function runPlan(plan: Plan, tell?: (line: string) => void): Promise<Outcome> {
  const world = new World(plan.seed)
  const { schedule } = world
  const history = new History(() => schedule.now)
  const oracle = new Oracle(plan)
  history.watch(oracle)
  if (tell) history.watch({ see: (event) => tell(lineOf(event)) })
  const tap = wireTap(history, brokerHosts(plan), () => schedule.now)
  world.network.taps.push(tap)
  const stage: Stage = {
    world,
    history,
    doors: new Doors(plan, history),
    activeUntil: plan.activeMs,
    fail: (what, error) => oracle.report('crash', `${what}: ${error instanceof Error ? error.stack : String(error)}`),
  }
  const actors = new Map(plan.actors.map((actor) => [actor.name, actorOf(actor, plan, stage)]))
  const scene = plan.cluster ? sceneOfCluster(plan, stage, actors) : sceneOfOne(plan, stage, actors)
  schedule.onError = (error) => stage.fail('an error nobody caught', error)
  await catchingStrayErrors(schedule.onError, async () => {
    begin(plan, stage, actors, scene)
    const isOver = () => oracle.hasFailed || isTooBusy(world, oracle)
    await schedule.run(plan.activeMs, isOver)
    await schedule.run(plan.activeMs + plan.settleMs, () => isOver() || oracle.isSettled)
    if (!isOver()) await lookAround({ plan, stage, oracle, isOver })
  })
  if (!oracle.hasFailed) oracle.end(schedule.now)
  return {
    violations: oracle.violations,
    traceHash: world.trace.value,
    simulatedMs: schedule.now,
    steps: schedule.steps,
    rebalances: oracle.rebalances,
  }
}

/** Where a record may be lost: copies of what is not there are not exact. */
function losableTopics({ topics, actors }: Plan): string[] {
  return actors.some(({ kind }) => kind === 'copier') ? [] : topics.map(({ name }) => name)
}

interface Ending {
  readonly plan: Plan
  readonly stage: Stage
  readonly oracle: Oracle
  readonly isOver: () => boolean
}

/** Longer than the inspector is patient. */
const inspectionMs = 60_000

/** When all has settled, the cluster itself must say so. */
async function lookAround({ plan, stage, oracle, isOver }: Ending): Promise<void> {
  const { schedule } = stage.world
  let problems: readonly string[] = ['the inspector got no answer']
  let isDone = false
  const judge = (found: Inspection) => oracle.problemsOf(found)
  inspect(plan, stage, judge).then(
    (found) => {
      problems = found
      isDone = true
    },
    (error) => stage.fail('the inspection failed', error),
  )
  await schedule.run(schedule.now + inspectionMs, () => isOver() || isDone)
  for (const problem of oracle.hasFailed ? [] : problems) oracle.report('2', problem)
}

/** Something goes round and round without time passing: in the world outside it would block its event loop. */
function isTooBusy({ schedule }: World, oracle: Oracle): boolean {
  const isBusy = schedule.steps > mostSteps
  if (isBusy) oracle.report('35', `more than ${mostSteps} steps in ${schedule.now.toFixed(0)} ms`)
  return isBusy
}

type Actors = ReadonlyMap<string, Actor>

/** What actors come to. */
interface Scene {
  start(): Promise<void>
  readonly faults: { plan(faults: readonly FaultPlan[]): void }
}

function sceneOfOne(plan: Plan, stage: Stage, actors: Actors): Scene {
  const broker = new BrokerMachine(stage.world, { plan, told: toldIn(stage) })
  const faults = new Faults(stage, broker, { actors, losable: losableTopics(plan) })
  return { start: () => broker.start(), faults }
}

function sceneOfCluster(plan: Plan, stage: Stage, actors: Actors): Scene {
  const { world, history } = stage
  const database = new SimDatabase(world, {
    leader: (led) => history.add({ kind: 'leader', ...led }),
    life: (life) => history.add({ kind: 'life', ...life }),
  })
  const brokers = brokerHosts(plan).map((host, at) => {
    const member = { nodeId: at + 1, host, database }
    return new BrokerMachine(world, { plan, told: toldIn(stage), member })
  })
  const faults = new ClusterFaults(stage, { brokers, database, actors })
  return { start: () => faults.start(plan.cluster!), faults }
}

function toldIn({ history }: Stage): (text: string) => void {
  return (text) => history.add({ kind: 'told', text })
}

function begin(plan: Plan, stage: Stage, actors: Actors, { start, faults }: Scene): void {
  const { world, fail } = stage
  const open = async () => {
    await start()
    await found(plan, world)
    for (const { name, startsAt } of plan.actors) {
      world.schedule.after(startsAt, `${name} starts`, () => actors.get(name)?.start())
    }
    faults.plan(plan.faults)
  }
  open().catch((error) => fail('the beginning failed', error))
}

function actorOf(actor: ActorPlan, plan: Plan, stage: Stage): Actor {
  switch (actor.kind) {
    case 'member':
      return new Member(actor, stage)
    case 'producer':
      return new RecordProducer(actor, stage)
    case 'copier':
      return new Copier(actor, stage)
    case 'stubborn':
      return new Stubborn(actor, stage)
    case 'liar':
      return new Liar(actor, stage)
    case 'lying producer':
      return new LyingProducer(actor, stage)
    case 'administrator':
      return new Administrator(actor, stage)
    case 'overstayer':
      return new Overstayer(actor, stage)
    case 'resetter':
      return new Resetter(actor, stage)
    case 'rights keeper':
      return new RightsKeeper(actor, plan, stage)
  }
}
