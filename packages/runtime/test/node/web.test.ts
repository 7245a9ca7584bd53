import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { nodeWeb } from '../../src/index.js'

/** Asks a server of this test for a document. */
async function asked(answer: RequestListener, limits = { timeoutMs: 60_000, mostBytes: 100 }): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    return (await nodeWeb.get(new URL(`http://127.0.0.1:${port}/keys?x=1`), limits)).toString()
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('a document is what the address answers', async () => {
  assert.equal(await asked(({ url, method }, answer) => answer.end(`${method} ${url}`)), 'GET /keys?x=1')
})

test('another status is no document, and nobody is sent elsewhere', async () => {
  await assert.rejects(
    asked((_, answer) => answer.writeHead(404).end('none')),
    /the status 404/,
  )
  await assert.rejects(
    asked((_, answer) => answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
    /the status 302/,
  )
})

test('an answer that does not end is cut where it becomes too large', async () => {
  const more: RequestListener = (_, answer) => {
    const write = (): void => {
      while (answer.write('x'.repeat(90)));
      answer.once('drain', write)
    }
    write()
  }
  await assert.rejects(asked(more), /more than 100 bytes/)
})

test('who does not answer in time is not waited for, before the answer or amid it', async () => {
  const limits = { timeoutMs: 50, mostBytes: 100 }
  const silent: RequestListener = () => undefined
  const halfway: RequestListener = (_, answer) => void answer.write('x')
  for (const answer of [silent, halfway]) await assert.rejects(asked(answer, limits), /no whole answer within 50 ms/)
})

test('an address where nobody listens is told as what it is', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  for (const host of ['127.0.0.1', 'localhost'])
    await assert.rejects(nodeWeb.get(new URL(`http://${host}:${port}/`), { timeoutMs: 60_000, mostBytes: 1 }), {
      message: /ECONNREFUSED/,
    })
})
