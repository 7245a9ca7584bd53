// How late heartbeats are while other clients do full TLS 1.3 handshakes, as many as the broker begins (200 a second) and more:
// to a broker process of its own, handshakes from another one, heartbeats every 10 ms from this one. The goal is < 50 ms later
// than without. Run by hand after `npm run build`: node bench/micro/handshakes.mjs [--seconds 20] [--clients 64]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { parseArgs } from 'node:util'
import { encodeRequest, Heartbeat } from '@rivven/protocol'
import { startMeasuredBroker } from '../large-requests/measured-broker.mjs'

const certificates = join(import.meta.dirname, '../../test/support/certificates')
const certificate = (name) => join(certificates, name)
const ca = readFileSync(certificate('ca.pem'))

if (process.argv[2] === 'storm') storm(Number(process.argv[3]), Number(process.argv[4]))
else await main()

/** So many clients at a time, each again and again without a session to resume. */
function storm(port, clients) {
  let done = 0
  const next = () => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, minVersion: 'TLSv1.3' })
    socket.once('secureConnect', () => {
      done += 1
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.once('close', () => setImmediate(next))
  }
  for (let client = 0; client < clients; client++) next()
  process.on('message', () => process.send(done))
}

async function main() {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, clients: { type: 'string' } } })
  const { seconds = '20', clients = '64' } = values
  const folder = mkdtempSync(join(tmpdir(), 'rivven-handshakes-'))
  const broker = await startMeasuredBroker(folder, [
    `ssl_certificate_location=${certificate('broker.pem')}`,
    `ssl_key_location=${certificate('broker.key')}`,
    'listeners=SSL://127.0.0.1:0',
  ])
  try {
    await measure('quiet', broker, Number(seconds))
    const attackers = fork(import.meta.filename, ['storm', broker.port, clients])
    await measure(`${clients} clients do handshakes`, broker, Number(seconds), attackers)
    attackers.kill()
    await once(attackers, 'exit')
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true })
  }
}

async function measure(what, broker, seconds, attackers) {
  const socket = connect({ port: broker.port, host: '127.0.0.1', servername: 'localhost', ca })
  await once(socket, 'secureConnect')
  const before = await count(attackers)
  await broker.begin()
  const times = []
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    times.push(await heartbeat(socket))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const turns = await broker.end()
  socket.destroy()
  const handshakes = ((await count(attackers)) - before) / seconds
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(1)
  console.log(
    `${what}: ${handshakes.toFixed(0)} handshakes/s; heartbeats p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `turns of the broker: ${JSON.stringify(turns)}`,
  )
}

async function count(attackers) {
  if (!attackers) return 0
  attackers.send('count')
  return (await once(attackers, 'message'))[0]
}

async function heartbeat(socket) {
  const since = performance.now()
  const header = { correlationId: 1, clientId: 'c' }
  socket.write(Buffer.concat(encodeRequest(Heartbeat, 0, header, { groupId: 'g', generationId: 1, memberId: 'm' })))
  await once(socket, 'data')
  return performance.now() - since
}
