import { ErrorCode, partitionForGroup } from '@rivven/protocol'
import type { Asker } from '../shards/shard-rules.js'
import type { GroupCommand, GroupHost } from './group-rules.js'
import { type CoordinatorOptions, offsetsTopic, openOffsetsTopic } from './offsets-topic.js'

export type MaybePromise<T> = T | Promise<T>

/** The hosts of all shards of groups: finds that of a group by its hash. The topic is made when the first one is asked for. */
export class GroupHosts {
  readonly #options: CoordinatorOptions
  #opened: readonly GroupHost[] | undefined
  #opening: Promise<readonly GroupHost[]> | undefined

  constructor(options: CoordinatorOptions) {
    this.#options = options
  }

  /** In the order of their partitions; undefined while there are none. */
  get opened(): readonly GroupHost[] | undefined {
    return this.#opened
  }

  get isOpening(): boolean {
    return this.#opening !== undefined
  }

  /** Makes the topic if need be, and loads its groups. */
  open(): Promise<readonly GroupHost[]> {
    this.#opening ??= openOffsetsTopic(this.#options).then(
      (hosts) => {
        this.#opened = hosts
        return hosts
      },
      (error: unknown) => {
        this.#opening = undefined
        this.#options.log.error({ error }, `${offsetsTopic} cannot be made`)
        throw error
      },
    )
    return this.#opening
  }

  async unload(): Promise<void> {
    const hosts = this.#opened ?? (this.#opening ? await this.#opening.catch(() => []) : [])
    await Promise.all(hosts.map((host) => host.unload()))
  }

  /** Undefined while there are no groups at all. */
  of(groupId: string): GroupHost | undefined {
    return this.#opened?.[partitionForGroup(groupId, this.#opened.length)]
  }

  /** `refuse` where the topic cannot be made. */
  use<Result>(
    groupId: string,
    use: (host: GroupHost) => MaybePromise<Result>,
    refuse: (errorCode: number) => Result,
  ): MaybePromise<Result> {
    const host = this.of(groupId)
    if (host) return use(host)
    return this.open().then(
      (opened) => use(opened[partitionForGroup(groupId, opened.length)]!),
      () => refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE),
    )
  }

  run<Request, Response>(
    command: GroupCommand<Request, Response>,
    groupId: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    return this.use(groupId, (host) => host.run(command, request, context), command.refuse)
  }

  /** The same for what may make a group. */
  runForAny<Request, Response>(
    command: GroupCommand<Request, Response>,
    groupId: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    const use = (host: GroupHost) =>
      this.isFullFor(host, groupId) ? command.refuse(ErrorCode.POLICY_VIOLATION) : host.run(command, request, context)
    return this.use(groupId, use, command.refuse)
  }

  /** There are as many groups as may be, and this is none of them. A shard that loads says so itself. */
  isFullFor({ isLoaded, shard }: GroupHost, groupId: string): boolean {
    if (!isLoaded || shard.groups.has(groupId)) return false
    let count = 0
    for (const host of this.#opened ?? []) count += host.shard.groups.size
    return count >= this.#options.config.max_groups
  }
}
