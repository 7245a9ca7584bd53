// What the parts of a broker are made with: from its options and settings to theirs.
import { descriptorSentence } from '@rivven/runtime'
import type { BrokerOptions, CommonOptions } from './broker-options.js'
import type { Documents } from './cluster/documents.js'
import type { Authorization } from './config/authorization.js'
import { bootstrapAdminOf } from './config/bootstrap-admin.js'
import type { BrokerConfig } from './config/broker-config.js'
import { aloneConfig, sharedConfig } from './config/cluster-config.js'
import type { SessionLimits } from './fetch/fetch-sessions.js'
import type { LogStoreOptions } from './log/log-store.js'
import { Audit, brokerItself } from './security/audit/audit.js'
import { openAuditOutput } from './security/audit/audit-output.js'
import type { QuotaWindows } from './security/quotas/quota-window.js'
import { Security } from './security/security.js'
import { makeBootstrapAdmin } from './security/users/bootstrap-admin.js'

const faultTexts = {
  append: 'a partition takes no records',
  upkeep: 'retention or compaction failed; it is tried again',
}

function faultText(during: keyof typeof faultTexts, error: Error): string {
  return `${faultTexts[during]}: ${descriptorSentence(error) ?? 'the disk failed'}`
}

/** With the settings that count where the broker is alone, or one of several. @throws ConfigError where they do not fit */
export function withFittingConfig(options: BrokerOptions): BrokerOptions {
  const { config } = options
  return { ...options, config: 'database' in options ? sharedConfig(config) : aloneConfig(config) }
}

/** The audit log, as it was asked for. */
export async function openAudit(options: CommonOptions, authorization: Authorization): Promise<Audit> {
  const { config, runtime, log, auditToStderr: stderr } = options
  const { clock, disk } = runtime
  const { authorizes } = authorization
  const output = await openAuditOutput({ asked: config.audit_log, authorizes, stderr, clock, disk, log })
  return new Audit({ clock, output, tellsLogins: config.log_level === 'debug' })
}

/** Users, ACLs and quotas, with the first administrator where it is to be made. */
export async function openSecurity(
  options: CommonOptions,
  authorization: Authorization,
  { documents, audit }: { documents: Documents; audit: Audit },
): Promise<Security> {
  const { runtime, config, log } = options
  const security = await Security.open({
    documents,
    runtime,
    quotaWindows: quotaWindowsOf(config),
    warn: (text) => log.warn(text),
    ...authorization,
  })
  const admin = bootstrapAdminOf(config)
  const isNew = admin !== undefined && (await makeBootstrapAdmin(security.users, admin, { runtime, log }))
  if (isNew) audit.changed(brokerItself, { operation: 'CREATE', type: 'USER', name: admin.name, error: 'NONE' })
  return security
}

function quotaWindowsOf(config: BrokerConfig): QuotaWindows {
  const windowOf = (samples: number, seconds: number) => ({ samples, sampleMs: seconds * 1000 })
  return {
    rates: windowOf(config.quota_window_num, config.quota_window_size_seconds),
    mutations: windowOf(config.controller_quota_window_num, config.controller_quota_window_size_seconds),
  }
}

export function logOptionsOf({ runtime, config, log }: CommonOptions): Omit<LogStoreOptions, 'storage'> {
  return {
    clock: runtime.clock,
    producerIdExpirationMs: config.producer_id_expiration_ms,
    maxProducers: config.max_producers_per_partition,
    onFault: (partition, error, during) => log.error({ partition, error }, faultText(during, error)),
    onRecovered: (count) => log.warn({ partitions: count }, 'partitions take records again: what they lacked is there'),
  }
}

export function sessionLimitsOf(config: BrokerConfig): SessionLimits {
  return {
    slots: config.max_incremental_fetch_session_cache_slots,
    partitions: config.max_fetch_session_partitions,
  }
}
