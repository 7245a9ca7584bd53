import { createServer, type Server } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { Broker, brokerConfig, memoryStorage, silentLog } from '@rivven/broker'
import { guestRuntime, type HttpListener, type ListenHttp } from '@rivven/runtime'
import { Finding, type Target } from '../harness/target.js'

const requests = [
  '/health/live',
  '/health/ready',
  '/metrics',
  '/api/groups',
  '/api/groups/g',
  '/api/groups/%00%ff',
  '/api/groups/g/timeline?limit=5',
  '/nothing',
]
const PATIENCE_MS = 10_000
/** So many turns of the event loop nothing comes: then nothing will. */
const TURNS = 40

/** Bytes of HTTP to a broker in this process, over streams that are no sockets. */
export function httpTargets(): Target[] {
  let server: Promise<Server> | undefined
  return [
    {
      name: 'http/requests',
      seeds: requests
        .flatMap((path) => [requestFor('GET', path), requestFor('HEAD', path)])
        .concat(requestFor('POST', '/api/groups', 'Content-Length: 2\r\n', '{}')),
      words: [
        'GET ',
        'HTTP/1.1',
        '\r\n',
        '\r\n\r\n',
        'Host: ',
        'Authorization: Basic ',
        'Authorization: Bearer ',
        'Content-Length: ',
        'Transfer-Encoding: chunked\r\n',
        '%2e%2e',
        '%',
        '?',
        '&',
        '#',
        '__proto__',
        'Upgrade: h2c\r\n',
        'Expect: 100-continue\r\n',
      ],
      refusals: [],
      // Streams, a parser and headers for each.
      mayAllocate: (input) => input.length * 64 + 4 * 1024 * 1024,
      mayTakeMs: 500,
      run: async (input) => {
        server ??= httpServer()
        const answer = await answerTo(await server, input)
        if (/^HTTP\/1\.1 500/m.test(answer)) throw new Finding(`it failed: ${answer}`)
        return answer.startsWith('HTTP/1.1 200')
      },
    },
  ]
}

function requestFor(method: string, path: string, headers = '', body = ''): Buffer {
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n${headers}\r\n${body}`)
}

/** What the broker would serve on an address. */
async function httpServer(): Promise<Server> {
  let listener: HttpListener | undefined
  const listenHttp: ListenHttp = async (address, given) => {
    listener = given
    return { address, close: async () => undefined }
  }
  const runtime = guestRuntime()
  const config = brokerConfig([{ from: 'test', values: { listen: '127.0.0.1:0', http: '127.0.0.1:8080' } }])
  await Broker.start({ config, runtime, storage: memoryStorage(runtime), log: silentLog(), listenHttp })
  if (!listener) throw new Error('the broker serves no HTTP')
  const server = createServer(listener)
  // What is loaded with the first request takes its time.
  for (let answer = ''; !answer.startsWith('HTTP/1.1 200'); )
    answer = await answerTo(server, requestFor('GET', '/health/live'))
  return server
}

/** All that comes back, until the stream ends. */
function answerTo(server: Server, input: Buffer): Promise<string> {
  const [ours, theirs] = duplexPair() as [Duplex, Duplex]
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const settle = () => {
      clearTimeout(patience)
      ours.destroy()
      theirs.destroy()
      resolve(Buffer.concat(parts).toString('latin1'))
    }
    const patience = setTimeout(() => reject(new Finding('there is no answer, and no end')), PATIENCE_MS)
    for (const stream of [ours, theirs]) stream.on('close', settle).on('error', settle)
    let turns = TURNS
    ours.on('end', settle).on('data', (part: Buffer) => {
      parts.push(part)
      turns = TURNS
    })
    // Who has said all it has to say before the answer is there gets none.
    const wait = () => (turns-- > 0 ? setImmediate(wait) : ours.end())
    server.emit('connection', theirs)
    ours.write(input, () => setImmediate(wait))
  })
}
