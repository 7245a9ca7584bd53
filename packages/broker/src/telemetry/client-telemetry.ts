import {
  codecOf,
  DecodeError,
  decompress,
  ErrorCode,
  type PushTelemetryRequest,
  RecordsError,
  readMetrics,
  uuidToText,
  ZERO_UUID,
} from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { askedMetricsId, type Figure, figureOf } from './asked-metrics.js'
import { ClientInstance, PUSH_INTERVAL_MS } from './client-instance.js'
import type { RecentValues } from './recent-values.js'

/** The largest push, as it comes. */
export const MOST_PUSHED_BYTES = 256 * 1024
/** And as it is read. */
const MOST_READ_BYTES = 1024 * 1024
/** Clients that are remembered; whoever was not heard for the longest time makes room. */
const MOST_INSTANCES = 10_000
/** A client that was not heard for so long is gone. */
const GONE_MS = 3 * PUSH_INTERVAL_MS

/** Nobody has this one: Kafka keeps it for itself, as it does zero. */
const RESERVED_UUID = 'AAAAAAAAAAAAAAAAAAAAAQ'

export type Figures = ReadonlyMap<Figure, RecentValues>

/** A client says that it is a member of this group: may it be one? */
export type MaySpeakFor = (groupId: string) => boolean

/** What clients tell of themselves (KIP-714), by member: in memory, bounded, and gone soon after the last word. */
export class ClientTelemetry {
  readonly #runtime: Pick<Runtime, 'clock' | 'random'>
  /** Who was not heard for the longest time comes first. */
  readonly #instances = new Map<string, ClientInstance>()
  readonly #byGroup = new Map<string, Map<string, ClientInstance>>()
  /** Pushes that were taken. */
  pushes = 0

  constructor(runtime: Pick<Runtime, 'clock' | 'random'>) {
    this.#runtime = runtime
  }

  /** A client asks what it shall tell; one that has no id yet gets one. */
  ask(givenId: string): { errorCode: number; clientInstanceId: string; subscriptionId: number } {
    const { clock, random } = this.#runtime
    const clientInstanceId = givenId === ZERO_UUID ? uuidToText(random.uuid()) : givenId
    const instance = this.#heard(clientInstanceId)
    const errorCode = instance.ask(clock.monotonic())
    return { errorCode, clientInstanceId, subscriptionId: instance.subscriptionId }
  }

  /** A client tells of itself. Returns NONE, or why nothing of it was taken. */
  push(request: PushTelemetryRequest, maySpeakFor: MaySpeakFor): number {
    const { clientInstanceId, subscriptionId, terminating, compressionType, metrics } = request
    if (clientInstanceId === ZERO_UUID || clientInstanceId === RESERVED_UUID) return ErrorCode.INVALID_REQUEST
    const instance = this.#heard(clientInstanceId)
    const refusal = instance.push(subscriptionId, terminating, this.#runtime.clock.monotonic())
    if (refusal !== ErrorCode.NONE) return refusal
    if (metrics.length > MOST_PUSHED_BYTES) return ErrorCode.TELEMETRY_TOO_LARGE
    const errorCode = this.#take(instance, { compressionType, metrics }, maySpeakFor)
    if (errorCode === ErrorCode.NONE) this.pushes += 1
    if (terminating) this.#forgetMember(instance)
    return errorCode
  }

  /** The time that its figures have. */
  now(): number {
    return this.#runtime.clock.monotonic()
  }

  /** By member, of those that were heard of late. */
  figuresOf(groupId: string): ReadonlyMap<string, Figures> {
    this.#forgetGone()
    return new Map(Array.from(this.#byGroup.get(groupId) ?? [], ([memberId, { figures }]) => [memberId, figures]))
  }

  #take(
    instance: ClientInstance,
    { compressionType, metrics }: Pick<PushTelemetryRequest, 'compressionType' | 'metrics'>,
    maySpeakFor: MaySpeakFor,
  ): number {
    const codec = compressionType < 0 || compressionType > 7 ? undefined : codecOf(compressionType)
    if (codec === undefined || codec === 'snappy') return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    try {
      const told = readMetrics(decompress(codec, metrics, MOST_READ_BYTES), (name) => figureOf(name) !== undefined)
      this.#keep(instance, told, maySpeakFor)
      return ErrorCode.NONE
    } catch (error) {
      if (error instanceof DecodeError) return ErrorCode.INVALID_RECORD
      if (error instanceof RecordsError) return errorOfCompression[error.fault]
      throw error
    }
  }

  #keep(
    instance: ClientInstance,
    { attributes, values }: ReturnType<typeof readMetrics>,
    maySpeakFor: MaySpeakFor,
  ): void {
    const groupId = attributes.get('group_id')
    const memberId = memberAttributes.map((name) => attributes.get(name)).find((value) => value)
    // Producers tell of no group, and consumers before they have joined of no member: nobody would ask for that.
    if (groupId === undefined || memberId === undefined || !maySpeakFor(groupId)) {
      this.#forgetMember(instance)
      return
    }
    this.#speaksFor(instance, groupId, memberId)
    const now = this.#runtime.clock.monotonic()
    for (const [name, value] of values) instance.tell(figureOf(name)!, value, now)
  }

  #speaksFor(instance: ClientInstance, groupId: string, memberId: string): void {
    if (instance.member?.groupId !== groupId || instance.member.memberId !== memberId) this.#forgetMember(instance)
    instance.member = { groupId, memberId }
    const members = this.#byGroup.get(groupId) ?? new Map<string, ClientInstance>()
    this.#byGroup.set(groupId, members.set(memberId, instance))
  }

  #forgetMember(instance: ClientInstance): void {
    const { member } = instance
    instance.member = undefined
    instance.figures.clear()
    if (!member) return
    const members = this.#byGroup.get(member.groupId)
    // Another client may speak for it by now.
    if (members?.get(member.memberId) !== instance) return
    members.delete(member.memberId)
    if (members.size === 0) this.#byGroup.delete(member.groupId)
  }

  /** Known or not: one that comes from another broker, or after a restart, was asked for the same there. */
  #heard(id: string): ClientInstance {
    this.#forgetGone()
    const known = this.#instances.get(id)
    const instance = known ?? new ClientInstance(subscriptionIdOf(id), this.#runtime.clock.monotonic())
    this.#instances.delete(id)
    if (!known && this.#instances.size >= MOST_INSTANCES) this.#forgetOldest()
    this.#instances.set(id, instance)
    return instance
  }

  #forgetGone(): void {
    const goneSince = this.#runtime.clock.monotonic() - GONE_MS
    for (const { heardAt } of this.#instances.values()) {
      if (heardAt >= goneSince) return
      this.#forgetOldest()
    }
  }

  #forgetOldest(): void {
    for (const [id, instance] of this.#instances) {
      this.#instances.delete(id)
      this.#forgetMember(instance)
      return
    }
  }
}

/** Java and librdkafka have different names for it. */
const memberAttributes = ['group_member_id', 'member_id']

const errorOfCompression: Readonly<Record<RecordsError['fault'], number>> = {
  corrupt: ErrorCode.INVALID_RECORD,
  invalid: ErrorCode.INVALID_RECORD,
  tooLarge: ErrorCode.TELEMETRY_TOO_LARGE,
  unavailable: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
}

/** As in Kafka of the list and of the client; the same at every broker. */
function subscriptionIdOf(clientInstanceId: string): number {
  const bytes = Buffer.from(clientInstanceId, 'base64url')
  return askedMetricsId ^ bytes.readInt32BE(0) ^ bytes.readInt32BE(4) ^ bytes.readInt32BE(8) ^ bytes.readInt32BE(12)
}
