import { ErrorCode, partitionForGroup } from '@rivven/protocol'
import type { Logger } from 'pino'
import type { Catalog } from '../../catalog/catalog.js'
import type { PartitionLog } from '../../log/partition-log.js'
import type { Command, ShardHost } from './shard-host.js'
import type { Asker, ShardDecision } from './shard-rules.js'

export type MaybePromise<T> = T | Promise<T>

/** Each reads a piece of its log into memory while it loads. */
const loadedAtOnce = 8

export interface ShardHostsOptions<Shard, Event, Decision extends ShardDecision<Event>> {
  readonly topic: string
  /** How the topic is made when the first one is asked for. */
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
  readonly catalog: Catalog
  readonly log: Logger
  /** False while this broker may have been replaced: then nothing is answered from memory. Default: it serves. */
  readonly isServing?: (() => boolean) | undefined
  /** Whether this broker leads a partition of the topic, be it open here yet or not. Default: it leads what it has gained. */
  readonly leads?: ((partition: number) => boolean) | undefined
  hostOf(log: PartitionLog): ShardHost<Shard, Event, Decision>
  /** Called when a partition that is newly led here was loaded; the topic is not served before that is done. */
  loaded?(shard: Shard): Promise<void>
  /** What a shard holds by key, and how many in all shards together. */
  entriesOf(shard: Shard): ReadonlyMap<string, unknown>
  readonly mostEntries: number
  /** How one more is refused. */
  readonly fullCode: number
}

/** The hosts of a coordinator's topic, one for each partition that this broker leads: finds that of a key by its hash. */
export class ShardHosts<Shard, Event, Decision extends ShardDecision<Event>> {
  readonly #options: ShardHostsOptions<Shard, Event, Decision>
  readonly #hosts = new Map<number, ShardHost<Shard, Event, Decision>>()
  readonly #gains = new Set<Promise<void>>()
  /** Of partitions that are handed over: when that is done, or has taken too long. */
  readonly #untils = new Map<number, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #loading = 0
  #making: Promise<void> | undefined

  constructor(options: ShardHostsOptions<Shard, Event, Decision>) {
    this.#options = options
  }

  /** Those that are led here. */
  all(): Iterable<ShardHost<Shard, Event, Decision>> {
    return this.#hosts.values()
  }

  /** The topic is being made, with all that this needs. */
  get isMaking(): boolean {
    return this.#making !== undefined
  }

  /** Something that is led here, or will be, is on its way: what `all` says is not all. */
  get isAnyComing(): boolean {
    return this.isMaking || this.#coming > 0
  }

  /** How many partitions this broker leads, those included that it has yet to open. */
  get ledCount(): number {
    return this.#hosts.size + this.#coming
  }

  /** 0 while the topic does not exist. */
  get partitionCount(): number {
    return this.#options.catalog.topic(this.#options.topic)?.partitionCount ?? 0
  }

  /** This broker leads the partition from now on: what it holds is loaded, then served. */
  async gain(partition: number, log: PartitionLog): Promise<void> {
    const host = this.#options.hostOf(log)
    this.#hosts.set(partition, host)
    const gain = this.#load(partition, host)
    this.#gains.add(gain)
    try {
      await gain
    } finally {
      this.#gains.delete(gain)
    }
  }

  /**
   * It does no longer: whoever waits is told to look for the coordinator, and nothing more is written. Who comes before `until`
   * is told then: who leads the partition next is not known yet.
   */
  async lose(partition: number, until?: Promise<void>): Promise<void> {
    const host = this.#hosts.get(partition)
    this.#hosts.delete(partition)
    if (until) this.#leaving(partition, until)
    await host?.unload()
  }

  async close(): Promise<void> {
    await this.#making?.catch(() => undefined)
    await Promise.all([...this.#hosts.keys()].map((partition) => this.lose(partition)))
  }

  /** The host of a partition that is led here. */
  at(partition: number): ShardHost<Shard, Event, Decision> | undefined {
    return this.#hosts.get(partition)
  }

  /** Undefined where the key is coordinated elsewhere, or the topic does not exist. */
  of(key: string): ShardHost<Shard, Event, Decision> | undefined {
    const { partitionCount } = this
    return partitionCount === 0 ? undefined : this.#hosts.get(partitionForGroup(key, partitionCount))
  }

  /** Makes the topic if need be; resolves when it is served. Rejects where it cannot be made. */
  ready(): Promise<void> {
    if (this.#making) return this.#making
    if (this.partitionCount > 0) return Promise.resolve()
    this.#making = this.#make()
    const made = () => {
      this.#making = undefined
    }
    this.#making.then(made, made)
    return this.#making
  }

  /** `refuse` where the key is coordinated elsewhere, or the topic cannot be made. */
  use<Result>(
    key: string,
    use: (host: ShardHost<Shard, Event, Decision>) => MaybePromise<Result>,
    refuse: (errorCode: number) => Result,
  ): MaybePromise<Result> {
    const useNow = (): MaybePromise<Result> => {
      const host = this.of(key)
      if (host) return use(host)
      const partition = partitionForGroup(key, this.partitionCount)
      const until = this.#untils.get(partition)
      if (until) return until.then(useNow)
      return refuse(this.#isComing(partition) ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : ErrorCode.NOT_COORDINATOR)
    }
    if (this.#options.isServing?.() === false) return refuse(ErrorCode.NOT_COORDINATOR)
    if (this.#making === undefined && this.partitionCount > 0) return useNow()
    return this.ready().then(useNow, () => refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE))
  }

  run<Request, Response>(
    command: Command<Shard, Decision, Request, Response>,
    key: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    return this.use(key, (host) => host.run(command, request, context), refusalOf(command))
  }

  /** The same for what may make an entry. */
  runForAny<Request, Response>(
    command: Command<Shard, Decision, Request, Response>,
    key: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    const use = (host: ShardHost<Shard, Event, Decision>) =>
      this.isFullFor(host, key) ? command.refuse(this.#options.fullCode) : host.run(command, request, context)
    return this.use(key, use, refusalOf(command))
  }

  /** There are as many entries as may be, and this is none of them. A shard that loads says so itself. */
  isFullFor({ isLoaded, shard }: ShardHost<Shard, Event, Decision>, key: string): boolean {
    const { entriesOf, mostEntries } = this.#options
    if (!isLoaded || entriesOf(shard).has(key)) return false
    let count = 0
    for (const host of this.#hosts.values()) count += entriesOf(host.shard).size
    return count >= mostEntries
  }

  get #coming(): number {
    let count = 0
    for (let partition = this.partitionCount - 1; partition >= 0; partition--) {
      if (this.#isComing(partition)) count += 1
    }
    return count
  }

  /** It is about to be opened here. */
  #isComing(partition: number): boolean {
    return !this.#hosts.has(partition) && this.#options.leads?.(partition) === true
  }

  #leaving(partition: number, until: Promise<void>): void {
    this.#untils.set(partition, until)
    void until.then(() => {
      if (this.#untils.get(partition) === until) this.#untils.delete(partition)
    })
  }

  async #make(): Promise<void> {
    const { catalog, topic, partitionCount, replicationFactor, configs, log } = this.#options
    try {
      await catalog.createTopics([{ name: topic, partitionCount, replicationFactor, configs }])
      await Promise.all(this.#gains)
    } catch (error) {
      log.error({ error }, `${topic} cannot be made`)
      throw error
    }
  }

  async #load(partition: number, host: ShardHost<Shard, Event, Decision>): Promise<void> {
    if (this.#loading >= loadedAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#loading += 1
    try {
      if (this.#hosts.get(partition) === host) await host.load()
      if (host.isLoaded) await this.#options.loaded?.(host.shard)
    } finally {
      this.#loading -= 1
      this.#waiting.shift()?.()
    }
  }
}

/** How a command is refused for want of a host, with what it answers while that loads. */
function refusalOf<Shard, Decision, Request, Response>({
  refuse,
  whileLoading = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
}: Command<Shard, Decision, Request, Response>): (errorCode: number) => Response {
  return (errorCode) => refuse(errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? whileLoading : errorCode)
}
