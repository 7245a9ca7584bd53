import { once } from 'node:events'
import { type Attack, WrongAnswer } from '../attackers/attack.js'
import type { Target } from '../attackers/target.js'

/** The first line of what is answered, or that nothing is. */
async function statusOf(target: Target, request: string, withinMs = 30_000): Promise<string> {
  const connection = await target.open('http')
  const { socket } = connection
  const came = Promise.race([once(socket, 'data'), once(socket, 'close').then(() => undefined), target.pause(withinMs)])
  connection.send(Buffer.from(request))
  const answer = await came
  return Array.isArray(answer) ? (/^HTTP\/1\.1 (\d+)/.exec(String(answer[0]))?.[1] ?? 'something else') : 'closed'
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`

const requests: readonly [string, () => string][] = [
  ['headers of 100 KiB', () => get('/metrics', `X: ${'x'.repeat(100_000)}\r\n`)],
  ['a path of 100 KB', () => get(`/${'x'.repeat(100_000)}`)],
  ['paths with ..', () => get('/api/groups/../../etc/passwd')],
  ['a path with %00', () => get('/api/groups/%00')],
  ['a path that is badly encoded', () => get('/api/groups/%E0%A4%A')],
  ['a method that is none', () => 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['two lengths', () => 'POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['a body', () => `POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`],
  ['another host', () => 'GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
  ['a request of Kafka', () => '\0\0\0\x0a\0\x12\0\0\0\0\0\x07\xff\xff'],
]

export const httpAttacks: readonly Attack[] = [
  ...requests.map(
    ([name, request]): Attack => ({
      row: '§11',
      name: `HTTP: ${name}`,
      isStranger: true,
      async run(target) {
        target.saw(await statusOf(target, request()))
      },
    }),
  ),
  {
    row: '§11',
    name: 'HTTP: headers that never end',
    weight: 3,
    isStranger: true,
    async run(target) {
      target.saw(await statusOf(target, 'GET / HTTP/1.1\r\nHost: localhost\r\nX: '))
    },
  },
  {
    row: '§11',
    name: 'HTTP: more connections than there are places, that say nothing',
    connections: 121,
    isStranger: true,
    async run(target) {
      await target.openMany(120, 'http')
      // Others who sit there may come between a connection and its request.
      let status = 'closed'
      for (let tries = 0; tries < 5 && status === 'closed'; tries++)
        status = await statusOf(target, get('/health/live'))
      target.saw(status)
      if (status !== '200') throw new WrongAnswer(`a request behind 120 silent connections was answered ${status}`)
      await target.pause(2_000)
    },
  },
]
