// Hot path: what memory has is answered without a promise, in slices of the log.
import { ErrorCode, Fetch, type FetchRequest } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import { FetchReading } from '../../fetch/fetch-reading.js'
import { type FetchTarget, placesOf, targetOf } from '../../fetch/fetch-target.js'
import { parkFetch } from '../../fetch/parked-fetch.js'
import type { PartitionAnswer } from '../../fetch/read-partition.js'
import type { ReadPlan } from '../../fetch/readers.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { clusterDenial, denial, mayOnCluster, mayOnGroup } from '../rights/denial.js'
import { LeaderHints } from './leader-hints.js'

/** Topics have ids instead of names from here on (KIP-516). */
const FIRST_VERSION_WITH_IDS = 13
/** No wait is longer, whatever a client asks for. */
const LONGEST_WAIT_MS = 600_000
const READ_COMMITTED = 1

type FetchAnswer = NonNullable<Answer<typeof Fetch>>

export const handleFetch = handler(Fetch, (request, services, context) => {
  const usesIds = context.apiVersion >= FIRST_VERSION_WITH_IDS
  const plan = services.fetchSessions.plan(request, usesIds)
  if (plan.kind === 'refused') return { errorCode: plan.errorCode }
  const isCommitted = request.isolationLevel === READ_COMMITTED
  services.readers.note(context.connection, { client: context, isCommitted, plan })
  const mayRead = readersRight(request, context)
  if (context.throttle && isBroker(request, services, context)) context.throttle.exempt()
  const { catalog, partitions, runtime } = services
  const sources = { catalog, partitions, usesIds, mayRead }
  const asked = { request, plan, services, context, mayRead }
  const readNow = () => {
    const targets = mapInTurns(plan.wishes, runtime.clock, (wish) => targetOf(wish, sources))
    return targets instanceof Promise ? targets.then((all) => read(all, asked)) : read(targets, asked)
  }
  const coming = partitions.allComing(() => placesOf(plan.wishes, catalog))
  return coming ? coming.then(readNow) : readNow()
})

function read(targets: readonly FetchTarget[], asked: Asked): FetchAnswer | Promise<FetchAnswer | null> {
  const { request, plan, services, context } = asked
  const reading = readingOf(asked, targets)
  const pending = reading.readAll()
  const call: Call = { ...asked, reading }
  if (pending) return pending.then(() => finish(call))
  if (hasHint(request, reading, services, context) || mustNotWait(request, reading))
    return answerOf(plan, reading, services, context)
  return finish(call)
}

type MayRead = (topic: string) => boolean

/** A request on its way to its answer. */
interface Asked {
  readonly request: FetchRequest
  readonly plan: ReadPlan
  readonly services: BrokerServices
  readonly context: RequestContext
  readonly mayRead: MayRead
}

interface Call extends Asked {
  readonly reading: FetchReading
}

/** Clients read topic by topic; who comes as a follower reads them all, or none (security.md §9). */
function readersRight(request: FetchRequest, context: RequestContext): MayRead {
  if (!asksAsFollower(request)) return (topic) => denial(context, 'READ', 'TOPIC', topic) === ErrorCode.NONE
  return () => clusterDenial(context, 'CLUSTER_ACTION') === ErrorCode.NONE
}

function asksAsFollower({ replicaId, replicaState }: FetchRequest): boolean {
  return replicaId >= 0 || replicaState.replicaId >= 0
}

/** Without an authorizer anybody may say so of itself, and nobody is believed. */
function isBroker(request: FetchRequest, { security }: BrokerServices, context: RequestContext): boolean {
  return asksAsFollower(request) && security.acls !== null && mayOnCluster(context, 'CLUSTER_ACTION')
}

function readingOf({ request, services, context }: Asked, targets: readonly FetchTarget[]): FetchReading {
  const { config, runtime } = services
  const allowed = Math.min(request.maxBytes, config.fetch_max_bytes)
  const maxBytes = context.throttle ? Math.min(allowed, context.throttle.mostFetched) : allowed
  return new FetchReading(targets, {
    maxBytes,
    minBytes: Math.min(request.minBytes, maxBytes),
    isolation: request.isolationLevel === READ_COMMITTED ? 'committed' : 'uncommitted',
    clock: runtime.clock,
  })
}

/**
 * A member that is owed word of a rebalance gets an answer at once. If its client knows what an early empty one means, it
 * is empty also where there are records: they come with the next.
 */
function hasHint(
  request: FetchRequest,
  reading: FetchReading,
  { rebalanceHints, clientSoftware }: BrokerServices,
  context: RequestContext,
): boolean {
  if (
    request.maxWaitMs <= 0 ||
    reading.isUrgent ||
    !rebalanceHints.take({ client: context, targets: reading.targets, mayKnow: mayKnow(context) })
  )
    return false
  if (clientSoftware.isOurs(context.connection)) reading.dropRecords()
  return true
}

/** A member may; whoever just has the same client id and address may not (security.md §9.2). */
function mayKnow(context: RequestContext): (groupId: string) => boolean {
  return (groupId) => mayOnGroup(context, 'READ', groupId)
}

function mustNotWait(request: FetchRequest, reading: FetchReading): boolean {
  return request.maxWaitMs <= 0 || reading.isEnough || !reading.targets.some(({ log }) => log)
}

async function finish({ request, plan, reading, services, context, mayRead }: Call): Promise<FetchAnswer | null> {
  if (!hasHint(request, reading, services, context) && !mustNotWait(request, reading)) {
    const maxWaitMs = Math.min(request.maxWaitMs, LONGEST_WAIT_MS)
    const { runtime, rebalanceHints } = services
    const onWake = (wake: () => void) =>
      rebalanceHints.wait({ client: context, targets: reading.targets, maxWaitMs, mayKnow: mayKnow(context) }, wake)
    const options = { maxWaitMs, clock: runtime.clock, connection: context.connection, onWake }
    if (!(await parkFetch(reading, options))) {
      reading.release()
      return null
    }
    // Rights may have changed while it waited.
    reading.withhold(mayRead)
  }
  return answerOf(plan, reading, services, context)
}

function answerOf(
  plan: ReadPlan,
  reading: FetchReading,
  services: BrokerServices,
  context: RequestContext,
): FetchAnswer {
  const { targets, answers } = reading
  services.readers.answered(context.connection, reading.size, reading.mostBytes)
  if (context.throttle?.mayFetch(reading.size) === false) return emptyAnswer(plan, reading, services)
  if (plan.kind === 'full') {
    plan.session?.remember(targets, answers)
    return respond(plan.session?.id ?? 0, targets, answers, services, context)
  }
  const places = plan.session.changes(targets, answers)
  const changedTargets = places.map((place) => targets[place] as FetchTarget)
  const changedAnswers = places.map((place) => answers[place] as PartitionAnswer)
  plan.session.moveToEnd(changedTargets.filter((_, at) => (changedAnswers[at]?.size ?? 0) > 0).map(({ wish }) => wish))
  return respond(plan.session.id, changedTargets, changedAnswers, services, context)
}

/** To a client above its quota (KIP-219): its session is as it was, and one that would begin with this answer does not. */
function emptyAnswer(plan: ReadPlan, reading: FetchReading, { fetchSessions }: BrokerServices): FetchAnswer {
  reading.release()
  if (plan.kind === 'incremental') return { sessionId: plan.session.id, responses: [] }
  fetchSessions.abandon(plan.session)
  return { sessionId: 0, responses: [] }
}

function respond(
  sessionId: number,
  targets: readonly FetchTarget[],
  answers: readonly PartitionAnswer[],
  services: BrokerServices,
  context: RequestContext,
): FetchAnswer {
  const responses: { topic: string; topicId: string; partitions: PartitionAnswer[] }[] = []
  let current: (typeof responses)[number] | undefined
  const hints = new LeaderHints(services, context)
  for (let place = 0; place < answers.length; place++) {
    const target = targets[place] as FetchTarget
    const { wish } = target
    let answer = answers[place] as PartitionAnswer
    if (answer.errorCode !== ErrorCode.NONE) {
      const currentLeader = hints.of(nameOf(target, services), wish.partition, answer.errorCode)
      if (currentLeader) answer = { ...answer, currentLeader } as PartitionAnswer
    }
    if (current?.topic !== wish.topic || current.topicId !== wish.topicId) {
      current = { topic: wish.topic, topicId: wish.topicId, partitions: [] }
      responses.push(current)
    }
    current.partitions.push(answer)
  }
  return { sessionId, responses, nodeEndpoints: hints.nodeEndpoints }
}

/** '' where nobody knows the topic. */
function nameOf({ wish, log }: FetchTarget, { catalog }: BrokerServices): string {
  return log?.topic ?? (wish.topic || (catalog.topicById(wish.topicId)?.name ?? ''))
}
