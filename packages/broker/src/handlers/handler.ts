import type { Api, encodeResponse, RequestOf } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../catalog/catalog.js'
import type { ClientSoftware } from '../client-software.js'
import type { Cluster } from '../cluster/cluster.js'
import type { PartitionFinder } from '../cluster/partition-finder.js'
import type { EndOffsets } from '../cluster/peers/end-offsets.js'
import type { Peers } from '../cluster/peers/peers.js'
import type { BrokerConfig } from '../config/broker-config.js'
import type { HttpActions } from '../config/http-listener.js'
import type { Coordinator } from '../coordinator/groups/coordinator.js'
import type { FlightRecorder } from '../coordinator/timeline/flight-recorder.js'
import type { ProducerIds } from '../coordinator/transactions/producer-ids.js'
import type { TransactionCoordinator } from '../coordinator/transactions/transaction-coordinator.js'
import type { TransactionDesk } from '../coordinator/transactions/transaction-desk.js'
import type { TransactionGate } from '../coordinator/transactions/transaction-gate.js'
import type { BrokerWatch } from '../doctor/broker-watch.js'
import type { FetchSessions } from '../fetch/fetch-sessions.js'
import type { Readers } from '../fetch/readers.js'
import type { RebalanceHints } from '../fetch/rebalance-hints.js'
import type { FewAtOnce } from '../few-at-once.js'
import type { StreamPlaces } from '../http/events/stream-places.js'
import type { GroupLag } from '../lag/group-lag.js'
import type { Logs } from '../log/logs.js'
import type { FailedLogins } from '../net/failed-logins.js'
import type { Refusals } from '../net/refusals.js'
import type { RequestConnection } from '../request-connection.js'
import type { Access } from '../security/access.js'
import type { Audit } from '../security/audit/audit.js'
import type { RequestThrottle } from '../security/quotas/request-throttle.js'
import type { Security } from '../security/security.js'
import type { ClientTelemetry } from '../telemetry/client-telemetry.js'
import type { Traffic } from '../traffic.js'

/** What handlers may use of the broker; the same for all requests. */
export interface BrokerServices {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly cluster: Cluster
  readonly catalog: Catalog
  readonly logs: Logs
  readonly partitions: PartitionFinder
  readonly peers: Peers
  readonly endOffsets: EndOffsets
  readonly coordinator: Coordinator
  readonly transactions: TransactionCoordinator
  readonly transactionDesk: TransactionDesk
  readonly transactionGate: TransactionGate
  readonly flightRecorder: FlightRecorder
  readonly fetchSessions: FetchSessions
  readonly rebalanceHints: RebalanceHints
  readonly readers: Readers
  readonly clientSoftware: ClientSoftware
  readonly clientTelemetry: ClientTelemetry
  readonly lag: GroupLag
  readonly brokerWatch: BrokerWatch
  readonly producerIds: ProducerIds
  readonly security: Security
  readonly audit: Audit
  readonly traffic: Traffic
  readonly refusals: Refusals
  /** By address: HTTP counts its own here, too. */
  readonly failedLogins: FailedLogins
  /** Those who read contents of records for the API. */
  readonly recordReads: FewAtOnce
  readonly streamPlaces: StreamPlaces
  /** Who may change something over HTTP. */
  readonly httpActions: HttpActions
  readonly log: Logger
  /** What the router serves, with the versions to advertise (data-plane.md §5). */
  readonly advertisedApis: readonly AdvertisedApi[]
  /** The same of APIs that Kafka does not have: clients of ours are told of them. */
  readonly ownApis: readonly AdvertisedApi[]
}

export interface AdvertisedApi {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/** Who asks, and over what. */
export interface RequestContext {
  readonly apiVersion: number
  /** The header's client id; a null one is ''. */
  readonly clientId: string
  /** The peer as Java prints it: '/127.0.0.1'. */
  readonly clientHost: string
  /** The address that clients of this listener are told to use. */
  readonly advertised: { readonly host: string; readonly port: number }
  readonly connection: RequestConnection
  /** Who asks, and what that one may do. */
  readonly access: Access
  /** Hears what is denied or changed. */
  readonly audit: Audit
  /** Name of the API. */
  readonly api: string
  /** Name of the listener that the request came by. */
  readonly listener: string
  /** What quotas of the client leave it; undefined: nobody has any. */
  readonly throttle?: RequestThrottle | undefined
}

/** What a handler returns when the protocol knows no answer (Produce with acks 0). */
export type NoAnswer = null

/** Fields that are left out have their defaults. */
export type Answer<A extends Api> = Parameters<typeof encodeResponse<A>>[3] | NoAnswer

export interface Handler {
  readonly api: Api
  /**
   * May the next request of the same API and connection begin before this one is answered? Answers keep their order.
   * All other requests of a connection wait until the one before is answered, as Kafka has it (data-plane.md §1.4).
   */
  readonly overlaps: boolean
  handle(request: unknown, services: BrokerServices, context: RequestContext): unknown
}

/**
 * Declares how an API is answered: synchronously where everything is at hand, else by a promise. A handler that throws or
 * rejects has a bug: that connection is closed, nothing else happens.
 */
export function handler<A extends Api>(
  api: A,
  handle: (request: RequestOf<A>, services: BrokerServices, context: RequestContext) => Answer<A> | Promise<Answer<A>>,
  options: { overlaps?: boolean } = {},
): Handler {
  return { api, overlaps: options.overlaps ?? false, handle: handle as Handler['handle'] }
}
