// What quotas cost a request, as CPU time, medians of some rounds; and what a client id of its own in each of a million requests
// leaves in memory. Run by hand after `npm run build`: node --expose-gc bench/micro/quotas.mjs
import { ClientLimits } from '../../packages/broker/dist/src/security/quotas/client-limits.js'
import { ClientQuotas, QuotaCounts } from '../../packages/broker/dist/src/security/quotas/client-quotas.js'
import { QuotaIndex } from '../../packages/broker/dist/src/security/quotas/quota-index.js'
import { RequestThrottle } from '../../packages/broker/dist/src/security/quotas/request-throttle.js'
import { measure } from './measure.mjs'

const now = () => performance.now()

/** Quotas of one entity, so large that nobody has to wait. */
function quotasOf(entity, ...keys) {
  const values = new Map(keys.map((key) => [key, 1e12]))
  const counts = new QuotaCounts()
  return { counts, quotas: new ClientQuotas(new QuotaIndex(new Map([['one', { entity, values }]])), counts) }
}

const answer = { throttleTimeMs: 0 }
let answered = 0

/** What net/request-server does around the handler of a request; it keeps the limits of who asked last. */
class Connection {
  #limits

  serve(quotas, client, bytes) {
    if (quotas === undefined) {
      answered++
      return
    }
    if (!this.#limits?.areOf(quotas, client)) this.#limits = new ClientLimits(quotas, client)
    const throttle = new RequestThrottle(this.#limits, now)
    const since = now()
    if (bytes > 0) throttle.produced(bytes, since)
    throttle.worked(since)
    if (throttle.told(answer) !== undefined) answered++
  }
}

const connection = new Connection()
const alice = [{ type: 'user', name: 'alice' }]
const client = { user: 'alice', clientId: 'orders' }
const bob = { user: 'bob', clientId: 'orders' }
const bytes = quotasOf(alice, 'producer_byte_rate')
const both = quotasOf(alice, 'producer_byte_rate', 'request_percentage')

measure('a request where nobody has quotas', 20_000_000, () => connection.serve(undefined, client, 1000))
measure('a request of a client without, where others have', 1_000_000, () => connection.serve(bytes.quotas, bob, 0))
measure('Produce under a quota of bytes', 1_000_000, () => connection.serve(bytes.quotas, client, 1000))
measure('Produce under quotas of bytes and of time', 1_000_000, () => connection.serve(both.quotas, client, 1000))
measure('two looks at the clock, which are among these', 5_000_000, () => {
  answered += now() - now()
})

const each = quotasOf([{ type: 'client-id', name: null }], 'producer_byte_rate', 'request_percentage')
globalThis.gc?.()
const before = process.memoryUsage().heapUsed
const ns = cpuOf(1_000_000, (time) =>
  connection.serve(each.quotas, { user: 'mallory', clientId: `client-${time}` }, 1000),
)
globalThis.gc?.()
const mib = (process.memoryUsage().heapUsed - before) / 2 ** 20
console.log(
  `S13: 1,000,000 requests, a client id each: ${ns.toFixed(0)} ns each, ${each.counts.rates.size} counts, ${mib.toFixed(1)} MiB kept`,
)
if (!Number.isFinite(answered)) throw new Error('nothing was answered')
