// What the audit log costs, as CPU time, medians of some rounds: what it hears of is denied, fails or changes, so nothing of it is paid for a
// request that is allowed. Run by hand after `npm run build`: node --expose-gc bench/micro/audit.mjs
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeRuntime } from '@rivven/runtime'
import { Audit } from '../../packages/broker/dist/src/security/audit/audit.js'
import { LineFile } from '../../packages/broker/dist/src/security/audit/line-file.js'
import { measure } from './measure.mjs'

const { clock, disk } = nodeRuntime()
let bytes = 0
const output = {
  write: (line) => {
    bytes += line.length
  },
}
const access = { principal: 'User:orders', host: '10.1.2.3' }
const asker = { access, clientId: 'orders', listener: 'SASL_SSL', api: 'Produce' }
const change = { operation: 'CREATE', type: 'TOPIC', name: 'orders', error: 'NONE', detail: '6 partitions' }

const kept = new Audit({ clock, output })
const off = new Audit({ clock })
measure('a denial, audit_log: off', 200_000, () => off.denied(asker, 'WRITE', 'TOPIC', 'orders'))
measure('a denial that was told of within the last minute', 500_000, () =>
  kept.denied(asker, 'WRITE', 'TOPIC', 'orders'),
)
measure('a denial of a name of its own', 10_000, (time) => kept.denied(asker, 'WRITE', 'TOPIC', `orders-${time}`))
measure('a login that went well', 200_000, () => kept.loggedIn(asker, { mechanism: 'SCRAM-SHA-256', user: 'orders' }))
measure('a login that failed, of a name of its own', 10_000, (time) =>
  kept.loginFailed(asker, { mechanism: 'PLAIN', user: `guess-${time}`, reason: 'wrong password' }),
)
measure('a change, its line', 20_000, () => kept.changed(asker, change))
await kept.close()

globalThis.gc?.()
const before = process.memoryUsage().heapUsed
const crowd = new Audit({ clock, output })
for (let time = 0; time < 200_000; time++) crowd.denied(asker, 'WRITE', 'TOPIC', `orders-${time}`)
globalThis.gc?.()
const mib = (process.memoryUsage().heapUsed - before) / 2 ** 20
console.log(`200,000 denials, a name each, within a minute: ${mib.toFixed(1)} MiB kept`)
await crowd.close()

const folder = mkdtempSync(join(tmpdir(), 'rivven-audit-'))
const file = await LineFile.open(join(folder, 'audit.log'), {
  disk,
  clock,
  log: { error: console.error, warn: console.error },
})
const toFile = new Audit({ clock, output: file })
const cpu = process.cpuUsage()
const [turns, changesOfATurn] = [500, 20]
for (let turn = 0; turn < turns; turn++) {
  for (let time = 0; time < changesOfATurn; time++) toFile.changed(asker, change)
  await new Promise(setImmediate)
}
await toFile.close()
const { user, system } = process.cpuUsage(cpu)
const us = (user + system) / (turns * changesOfATurn)
console.log(
  `a change with its line in a file, ${changesOfATurn} in a turn: ${us.toFixed(1)} µs, the disk's threads among it`,
)
rmSync(folder, { recursive: true })
if (bytes === 0) throw new Error('nothing was told')
