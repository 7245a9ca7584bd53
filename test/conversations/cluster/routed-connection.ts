import { type Api, allApis } from '@rivven/protocol'
import type { Json } from '../conversation.js'
import { at } from '../matching.js'
import { type Pending, type SendOptions, type Talk, TalkConnection } from '../talk-connection.js'
import { asOneBroker } from './one-broker.js'
import { isRefused, merged, refusals } from './refusals.js'

type Message = { [name: string]: Json }

export interface BrokerAddress {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** What a conversation calls one connection: one to each broker of a cluster, used as a client uses them. */
export class RoutedConnection implements Talk {
  sessionEndsAt = Number.POSITIVE_INFINITY
  readonly ended: Promise<void>
  readonly #connections: ReadonlyMap<number, TalkConnection>
  readonly #first: number
  /** Requests and answers of one connection keep their order. */
  #last = { sent: Promise.resolve() as Promise<unknown>, answered: Promise.resolve() as Promise<unknown> }
  /** Which broker has begun a fetch session. */
  readonly #sessions: Map<Json, number>

  /** `first` is asked first of all, whatever it is. */
  constructor(brokers: readonly BrokerAddress[], first: number, sessions: Map<Json, number>) {
    this.#connections = new Map(brokers.map(({ id, host, port }) => [id, new TalkConnection(host, port)]))
    this.#first = first
    this.#sessions = sessions
    this.ended = Promise.race([...this.#connections.values()].map(({ ended }) => ended))
  }

  get endedAfterMs(): number {
    return Math.max(...[...this.#connections.values()].map(({ endedAfterMs }) => endedAfterMs || 0))
  }

  send(api: Api, version: number, request: Json, options: SendOptions = {}): Pending {
    if (options.noResponse || options.cut !== undefined) return this.#sendBlind(api, version, request, options)
    const ask = (broker: number) => answered(this.#at(broker).send(api, version, request, options))
    return this.#inOrder((sent) => this.#routed({ api, request: request as Message, ask }, sent))
  }

  sendToken(token: Buffer, options: SendOptions): Pending {
    return this.#at(this.#first).sendToken(token, options)
  }

  sendRaw(api: Api, version: number, bytes: Buffer): Pending {
    return this.#at(this.#first).sendRaw(api, version, bytes)
  }

  write(bytes: Buffer): void {
    this.#at(this.#first).write(bytes)
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
  }

  /** Nobody says that it came to the wrong broker: with acks 0 a client has asked before who leads. */
  #sendBlind(api: Api, version: number, request: Json, options: SendOptions): Pending {
    const first = () => this.#at(this.#first).send(api, version, request, options)
    if (api.name !== 'Produce' || options.cut !== undefined) return first()
    const sent = this.#leaders(request as Message).then(async (leaders) => {
      for (const leader of leaders.size > 0 ? leaders : [this.#first])
        this.#at(leader).send(api, version, request, options)
      return null
    })
    return new Routed(sent)
  }

  /** `route` sends a request to where it belongs when `sent` lets it, which is when those before are there. */
  #inOrder(route: (sent: Turn) => Promise<Json>): Pending {
    const before = this.#last
    const turn: Turn = { before: before.sent, done: () => undefined }
    const sent = new Promise<void>((resolve) => {
      turn.done = resolve
    })
    const answer = route(turn).finally(turn.done)
    const answered = before.answered.then(() => answer)
    this.#last = { sent, answered: answered.catch(() => undefined) }
    return new Routed(answered.then(asOneBroker))
  }

  async #routed(call: Call, turn: Turn): Promise<Json> {
    const { api, request, ask } = call
    const list = ofAllBrokers.get(api.name)
    if (list !== undefined) return this.#ofAll(ask, list)
    const first = this.#sessions.get(request.sessionId ?? 0) ?? this.#first
    let answer = await this.#asked(call, first)
    for (let tries = 0; isRefused(answer) && tries < MOST_TRIES; tries++) {
      const instead = await this.#whoInstead(call, answer)
      await turn.before
      const later = [...instead].map((broker) => this.#asked(call, broker))
      turn.done()
      // A fetch session is with whoever began it.
      for (const one of await Promise.all(later)) answer = api.name === 'Fetch' ? one : merged(answer, one)
    }
    return answer
  }

  async #asked({ api, ask }: Call, broker: number): Promise<Json> {
    const answer = await ask(broker)
    const sessionId = api.name === 'Fetch' ? at(answer, '/sessionId') : 0
    if (sessionId) this.#sessions.set(sessionId, broker)
    return answer
  }

  async #ofAll(ask: Call['ask'], list: string): Promise<Json> {
    const answers = await Promise.all([...this.#connections.keys()].map(ask))
    return { ...(answers[0] as Message), [list]: answers.flatMap((answer) => listOf(at(answer, `/${list}`))) }
  }

  /** Hints where there are some (KIP-951), else what the first broker says of who leads, or coordinates. */
  async #whoInstead({ api, request }: Call, answer: Json): Promise<ReadonlySet<number>> {
    const refused = refusals(answer)
    const hinted = refused.flatMap(({ hint }) => hint ?? [])
    if (hinted.length === refused.length) return new Set(hinted)
    const isCoordinated = refused.some(({ errorCode }) => errorCode === 16)
    return isCoordinated ? this.#coordinators(api, request) : this.#leaders(request)
  }

  async #coordinators(api: Api, request: Message): Promise<ReadonlySet<number>> {
    const isGroup = !ofTransactions.has(api.name)
    const keys = isGroup ? groupsIn(request) : transactionalIdsIn(request)
    const answer = await this.#askFirst('FindCoordinator', 4, { keyType: isGroup ? 0 : 1, coordinatorKeys: keys })
    return this.#known((at(answer, '/coordinators') as Message[]).map(({ nodeId }) => nodeId))
  }

  async #leaders(request: Message): Promise<ReadonlySet<number>> {
    const topics = topicsIn(request)
    const answer = await this.#askFirst('Metadata', 12, { topics, allowAutoTopicCreation: true })
    const partitions = (at(answer, '/topics') as Message[]).flatMap((topic) => topic.partitions as Message[])
    return this.#known(partitions.map(({ leaderId }) => leaderId))
  }

  #known(ids: readonly (Json | undefined)[]): ReadonlySet<number> {
    return new Set(ids.filter((id): id is number => this.#connections.has(id as number)))
  }

  #askFirst(name: string, version: number, request: Message): Promise<Json> {
    const api = allApis.find((candidate) => candidate.name === name) as Api
    return answered(this.#at(this.#first).send(api, version, request))
  }

  #at(broker: number): TalkConnection {
    return this.#connections.get(broker)!
  }
}

interface Turn {
  /** Those before have been sent. */
  readonly before: Promise<unknown>
  /** This one has. */
  done(): void
}

interface Call {
  readonly api: Api
  readonly request: Message
  ask(broker: number): Promise<Json>
}

/** A client would go on for longer: a wrong answer shows all the same. */
const MOST_TRIES = 20
const LONGEST_MS = 60_000

/** What each broker knows a part of. */
const ofAllBrokers = new Map([
  ['ListGroups', 'groups'],
  ['ListTransactions', 'transactionStates'],
])

const ofTransactions = new Set([
  'InitProducerId',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'EndTxn',
  'DescribeTransactions',
])

async function answered(pending: Pending): Promise<Json> {
  const answer = await pending.within(LONGEST_MS)
  if (answer === undefined) throw new Error(`no answer within ${LONGEST_MS} ms`)
  return answer
}

function listOf(json: Json | undefined): Json[] {
  return Array.isArray(json) ? json : []
}

function groupsIn({ groupId, groups, groupsNames }: Message): Json[] {
  const several = [...listOf(groups), ...listOf(groupsNames)]
  if (several.length === 0) return [groupId ?? '']
  return several.map((group) => (typeof group === 'string' ? group : (at(group, '/groupId') ?? '')))
}

function transactionalIdsIn({ transactionalId, v3AndBelowTransactionalId, ...request }: Message): Json[] {
  const several = [...listOf(request.transactionalIds), ...listOf(request.transactions)]
  if (several.length === 0) return [transactionalId ?? v3AndBelowTransactionalId ?? '']
  return several.map((one) => (typeof one === 'string' ? one : (at(one, '/transactionalId') ?? '')))
}

/** As Metadata asks for them. */
function topicsIn(request: Message): Json[] {
  const markers = listOf(request.markers).flatMap((marker) => listOf(at(marker, '/topics')))
  return [...listOf(request.topics), ...listOf(request.topicData), ...markers].map((topic): Message => {
    const name = at(topic, '/name') || at(topic, '/topic')
    return name ? { name } : { topicId: at(topic, '/topicId') ?? null, name: null }
  })
}

/** One that is made of several. */
class Routed implements Pending {
  readonly #sentAt = performance.now()
  #answeredAt = Number.NaN
  readonly #answer: Promise<Json>

  constructor(answer: Promise<Json>) {
    this.#answer = answer.finally(() => {
      this.#answeredAt = performance.now()
    })
    this.#answer.catch(() => undefined)
  }

  get tookMs(): number {
    return this.#answeredAt - this.#sentAt
  }

  async within(ms: number): Promise<Json | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms)
    })
    return Promise.race([this.#answer, late]).finally(() => clearTimeout(timer))
  }
}
