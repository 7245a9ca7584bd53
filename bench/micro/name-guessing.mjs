// Does the time of a failed login tell whether there is such a user? Logins with a wrong password of users that exist and of users
// that do not, in turns, one after the other over real sockets to a broker process of its own, which answers failures at once
// (connection_failed_authentication_delay_ms=0; the usual delay is the same for all). What counts is the difference of the
// medians; what chance makes of it shows beside: that between two halves of the users that exist.
// Run by hand after `npm run build`: node bench/micro/name-guessing.mjs [--logins 10000] [--only plain|scram]
import { fork } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { decodeResponse, encodeRequest, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'

const users = 200
const nameOf = (number) => `user-${String(number).padStart(6, '0')}`
const { values } = parseArgs({ options: { logins: { type: 'string', default: '10000' }, only: { type: 'string' } } })

async function serveUntilTold() {
  const { startRivven } = await import('@rivven/testing')
  const known = Object.fromEntries(Array.from({ length: users }, (_, at) => [nameOf(at), `secret-${at}`]))
  const rivven = await startRivven({
    security: { users: known, mechanisms: ['plain', 'scram-sha-256'] },
    config: { connection_failed_authentication_delay_ms: 0 },
  })
  process.send(rivven.port)
  process.once('message', async () => {
    await rivven.close()
    process.disconnect()
  })
}

/** From an address of its own: too many failures of one are answered late. */
async function open(port, number) {
  const localAddress = `127.${1 + ((number >> 16) & 127)}.${(number >> 8) & 255}.${1 + (number % 254)}`
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
  await once(socket, 'connect')
  return socket
}

async function ask(socket, api, version, request) {
  socket.write(Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'guess' }, request)))
  const [frame] = await once(socket, 'data')
  return decodeResponse(api, version, frame.subarray(4)).message
}

/** Milliseconds that the broker took to answer the tokens of a login. */
const guesses = {
  async plain(port, user, number) {
    const socket = await open(port, number)
    await ask(socket, SaslHandshake, 1, { mechanism: 'PLAIN' })
    const token = Buffer.from(`\0${user}\0guessed`)
    const since = performance.now()
    const { errorCode } = await ask(socket, SaslAuthenticate, 2, { authBytes: token })
    const took = performance.now() - since
    return finished(socket, errorCode, took)
  },
  async scram(port, user, number) {
    const socket = await open(port, number)
    await ask(socket, SaslHandshake, 1, { mechanism: 'SCRAM-SHA-256' })
    const first = `n=${user},r=${randomUUID()}`
    const since = performance.now()
    const { authBytes } = await ask(socket, SaslAuthenticate, 2, { authBytes: Buffer.from(`n,,${first}`) })
    const between = performance.now()
    const token = clientFinal(first, String(authBytes))
    const again = performance.now()
    const { errorCode } = await ask(socket, SaslAuthenticate, 2, { authBytes: token })
    const took = performance.now() - again + between - since
    return finished(socket, errorCode, took)
  },
}

function finished(socket, errorCode, took) {
  socket.destroy()
  if (errorCode !== 58) throw new Error(`a login with a wrong password was answered ${errorCode}`)
  return took
}

const hmac = (key, data) => createHmac('sha256', key).update(data).digest()

/** A right message of somebody who has a wrong password; one round of hashing is wrong enough. */
function clientFinal(first, serverFirst) {
  const [, nonce, salt] = /r=([^,]*),s=([^,]*)/.exec(serverFirst)
  const withoutProof = `c=biws,r=${nonce}`
  const clientKey = hmac(pbkdf2Sync('guessed', salt, 1, 32, 'sha256'), 'Client Key')
  const signature = hmac(createHash('sha256').update(clientKey).digest(), `${first},${serverFirst},${withoutProof}`)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]))
  return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)
}

function median(list) {
  return [...list].sort((a, b) => a - b)[list.length >> 1]
}

const percent = (a, b) => ((a / b - 1) * 100).toFixed(2)

async function compare(what, guess, port) {
  const times = { known: [], unknown: [] }
  const logins = Number(values.logins)
  for (let at = -users; at < logins; at++) {
    // Which one comes first changes, so that neither is always behind the other.
    for (const kind of at % 2 ? ['known', 'unknown'] : ['unknown', 'known']) {
      const number = (at + users) % users
      const took = await guess(
        port,
        nameOf(kind === 'known' ? number : users + number),
        (at + users) * 2 + (kind === 'known'),
      )
      if (at >= 0) times[kind].push(took)
    }
  }
  const [known, unknown] = [median(times.known), median(times.unknown)]
  const halves = [0, 1].map((half) => median(times.known.filter((_, at) => (at >> 1) % 2 === half)))
  console.log(
    `${what}: ${logins} logins each, median of known users ${known.toFixed(4)} ms, of unknown ones ${unknown.toFixed(4)} ms: ` +
      `${percent(unknown, known)} % (by chance: ${percent(...halves)} %)`,
  )
}

if (process.send !== undefined) {
  await serveUntilTold()
} else {
  const broker = fork(process.argv[1])
  const [port] = await once(broker, 'message')
  try {
    for (const [what, guess] of Object.entries(guesses)) {
      if (values.only === undefined || values.only === what) await compare(what, guess, port)
    }
  } finally {
    broker.send('close')
  }
}
