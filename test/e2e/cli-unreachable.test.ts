import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { assertPlainFailure, scene } from './cli-scene.js'
import { rivvenctl } from './rivvenctl.js'

/** Where a server listens that is no broker. */
async function listening(server: Server) {
  server.listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  server.on('connection', (socket) => void sockets.push(socket))
  const end = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => server.close(closed))
  }
  return { address: `127.0.0.1:${port}`, end, [Symbol.asyncDispose]: end }
}

/** One command of each kind. */
const reading = ['topic list', 'topic describe t', 'group list', 'group lag g', 'group describe g', 'group explain g']
const changing = ['topic create t', 'topic delete t', 'group delete g', 'group reset-offsets g -t t --to-latest']
const streaming = ['produce t x', 'consume t', 'consume t -g g', 'consume t -n 1 --timeout 500', 'transaction list']

describe('where no broker can be reached, each command says why in one sentence, soon', { concurrency: true }, () => {
  test('nobody listens', async () => {
    const closed = await listening(createServer())
    await closed.end()
    const all = [...reading, ...changing, ...streaming].map((line) =>
      rivvenctl(['-b', closed.address, ...line.split(' ')]),
    )
    for (const ran of await Promise.all(all))
      assertPlainFailure(ran, new RegExp(`${closed.address}.*connection refused, nothing listens there`), 7)
  })

  test('the host does not exist', async () => {
    const ran = await rivvenctl(['-b', 'no-such-host.invalid:9092', 'topic', 'list'])
    // Where names cannot be looked up at all, that may pass.
    const status = /cannot be looked up/.test(ran.words) ? 7 : 1
    assertPlainFailure(ran, /no-such-host\.invalid.*(there is no such host|cannot be looked up)/, status)
  })

  test('the address makes no sense', async () => {
    for (const address of ['localhost:port', 'a:b:c', 'localhost:99999', 'http://localhost:9092', ','])
      assertPlainFailure(await rivvenctl(['-b', address, 'topic', 'list']), /is no address|names no server/, 2)
  })

  test('something else listens there', async () => {
    await using http = await listening(createHttpServer((_, answer) => void answer.writeHead(400).end('no')))
    assertPlainFailure(await rivvenctl(['-b', http.address, 'group', 'list']), /speaks HTTP, not Kafka's protocol/)
    // The alert of a TLS server to whoever does not begin a handshake.
    const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])
    await using tls = await listening(createServer((socket) => void socket.on('error', () => undefined).end(alert)))
    assertPlainFailure(await rivvenctl(['-b', tls.address, 'consume', 't']), /speaks TLS, not Kafka's protocol/)
  })

  test('a listener that wants to know who asks ends the connection', async () => {
    await using sasl = await listening(createServer((socket) => socket.destroy()))
    assertPlainFailure(
      await rivvenctl(['-b', sasl.address, 'group', 'list']),
      /A listener with TLS does so: give ssl/,
      7,
    )
  })

  test('nobody answers', async () => {
    await using mute = await listening(createServer((socket) => void socket.on('error', () => undefined)))
    assertPlainFailure(await rivvenctl(['-b', mute.address, 'group', 'list']), new RegExp(mute.address), 7)
  })

  test('one of several servers is enough', async () => {
    await using s = await scene()
    const closed = await listening(createServer())
    await closed.end()
    const ran = await rivvenctl(['-b', `${closed.address},${s.bootstrapServers}`, 'topic', 'list'])
    assert.equal(ran.status, 0, ran.words)
  })
})

test('what a cluster does not have is an error in one sentence, in each command', async () => {
  await using s = await scene()
  const groups = ['describe', 'lag', 'explain', 'timeline', 'delete', 'remove-member --instance-id x']
  for (const command of groups) {
    const [verb, ...flags] = command.split(' ')
    assertPlainFailure(await s.run(['group', verb!, 'nobody', ...flags]), /nobody/, 4)
  }
  for (const line of [
    'topic describe nowhere',
    'topic delete nowhere',
    'topic alter nowhere -p 3',
    'produce nowhere x',
  ])
    assertPlainFailure(await s.run(line), /nowhere.*UNKNOWN_TOPIC_OR_PARTITION/, 4)
  assertPlainFailure(await s.run('group reset-offsets g -t nowhere --to-latest --create'), /nowhere/, 4)
  assertPlainFailure(await s.run('transaction describe nobody'), /nobody/, 4)
  assertPlainFailure(await s.run('transaction abort nobody'), /There is no transactional id "nobody"/, 4)
})
