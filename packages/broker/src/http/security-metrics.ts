import { Counter, Gauge, type Registry } from 'prom-client'
import type { BrokerServices } from '../handlers/handler.js'
import type { LabelledCounts } from '../labelled-counts.js'

/** Who comes in, who does not, and what is denied (security.md §13). No label is a text of a client. */
export function addSecurity(registry: Registry, services: BrokerServices): void {
  addLogins(registry, services)
  addDenials(registry, services)
  addTls(registry, services)
  addThrottles(registry, services)
}

function addLogins(registry: Registry, { audit, refusals }: BrokerServices): void {
  addCounts(registry, {
    name: 'rivven_authentications_total',
    help: 'Logins of connections, by certificate or SASL.',
    labelNames: ['listener', 'mechanism', 'outcome'],
    counts: audit.authentications,
  })
  addCounts(registry, {
    name: 'rivven_reauthentications_total',
    help: 'Logins that renew the session of an open connection.',
    labelNames: ['outcome'],
    counts: audit.reauthentications,
  })
  new Counter({
    name: 'rivven_connections_refused_total',
    help: 'Clients that were sent away.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of refusals.counts) this.inc({ reason }, count)
    },
  })
}

function addDenials(registry: Registry, { audit, security }: BrokerServices): void {
  addCounts(registry, {
    name: 'rivven_authorizations_denied_total',
    help: 'What was refused because of ACLs.',
    labelNames: ['operation', 'resource_type'],
    counts: audit.denials,
  })
  const { acls } = security
  if (acls === null) return
  new Gauge({
    name: 'rivven_acls',
    help: 'ACLs that there are.',
    registers: [registry],
    collect() {
      this.set(acls.count)
    },
  })
}

function addTls(registry: Registry, { traffic }: BrokerServices): void {
  addCounts(registry, {
    name: 'rivven_ssl_handshakes_total',
    help: 'Handshakes of TLS.',
    labelNames: ['listener', 'outcome'],
    counts: traffic.handshakes,
  })
  if (traffic.certificateExpiries.size === 0) return
  new Gauge({
    name: 'rivven_ssl_certificate_expiry_timestamp_seconds',
    help: 'When the first certificate of a listener is over, in seconds since 1970.',
    labelNames: ['listener'],
    registers: [registry],
    collect() {
      for (const [listener, ms] of traffic.certificateExpiries) this.set({ listener }, ms / 1000)
    },
  })
}

function addThrottles(registry: Registry, { security }: BrokerServices): void {
  const registers = [registry]
  const labelNames = ['quota']
  new Counter({
    name: 'rivven_throttled_total',
    help: 'How often a client had to wait because of a quota.',
    ...{ labelNames, registers },
    collect() {
      this.reset()
      for (const [quota, { count }] of security.quotas.waits) this.inc({ quota }, count)
    },
  })
  new Counter({
    name: 'rivven_throttle_seconds_total',
    help: 'For how long clients were told to wait because of a quota.',
    ...{ labelNames, registers },
    collect() {
      this.reset()
      for (const [quota, { ms }] of security.quotas.waits) this.inc({ quota }, ms / 1000)
    },
  })
}

interface Counted<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: Label[]
  readonly counts: LabelledCounts<Label>
}

function addCounts<Label extends string>(registry: Registry, { counts, ...metric }: Counted<Label>): void {
  new Counter({
    ...metric,
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, count } of counts) this.inc(labels, count)
    },
  })
}
