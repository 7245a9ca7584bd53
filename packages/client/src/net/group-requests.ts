import { isRetriable, NoBrokerReachableError, RivvenError } from '@rivven/link'
import type { Api, ResponseOf } from '@rivven/protocol'
import { ErrorCode } from '@rivven/protocol'
import type { Cluster, RequestFor } from './cluster.js'

/** Who commits: a member in its generation, or anybody (no generation) for partitions that no group shares. */
export interface GroupIdentity {
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export const noMember: GroupIdentity = { generationId: -1, memberId: '', groupInstanceId: null }

export interface GroupSendOptions {
  timeoutMs?: number
  maxVersion?: number
  signal?: AbortSignal
  /** `main` goes past a JoinGroup or SyncGroup that is parked at the broker. Default `coordinator`. */
  channel?: 'main' | 'coordinator'
}

/** Sends requests about one group to its coordinator, wherever that is now (classic-groups §5.10). */
export class GroupRequests {
  readonly groupId: string
  readonly #cluster: Cluster

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster
    this.groupId = groupId
  }

  /** Sends once. A connection that fails makes the coordinator unknown, so that the next request looks it up. */
  async send<A extends Api>(api: A, request: RequestFor<A>, options: GroupSendOptions = {}): Promise<ResponseOf<A>> {
    const broker = await this.#cluster.coordinator(this.groupId, 'group')
    try {
      return await this.#cluster.send(broker, api, request, { channel: 'coordinator', ...options })
    } catch (error) {
      if (isRetriable(error)) this.forgetCoordinator()
      throw error
    }
  }

  /** Sends once, and gives up as soon as nobody can be reached. */
  part<A extends Api>(api: A, request: RequestFor<A>, options: GroupSendOptions = {}): Promise<ResponseOf<A>> {
    return this.#cluster.whileReached(this.send(api, request, options))
  }

  /** The version that `send` would use. */
  async version(api: Api): Promise<number> {
    const broker = await this.#cluster.coordinator(this.groupId, 'group')
    return this.#cluster.version(broker, api, 'coordinator')
  }

  /** Looks the coordinator up anew if the error says that it is (or may be) another one; true if so. */
  movedBy(errorCode: number): boolean {
    const isMoved = errorCode === ErrorCode.NOT_COORDINATOR || errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE
    if (isMoved) this.forgetCoordinator()
    return isMoved
  }

  forgetCoordinator(): void {
    this.#cluster.forgetCoordinator(this.groupId, 'group')
  }
}

/** Whether a request that failed without an answer may be sent again: for a member also when an address seems wrong. */
export function mayPass(error: unknown): boolean {
  if (error instanceof NoBrokerReachableError) return true
  return isRetriable(error) && !(error instanceof RivvenError && error.code === 'ABORTED')
}
