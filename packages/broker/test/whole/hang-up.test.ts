import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateTopics, encodeRequest } from '@rivven/protocol'
import { ended, ready, rivvendIn } from './rivvend-process.js'

const certificates = join(import.meta.dirname, '../../../../../test/support/certificates')

/** Makes a topic, which the audit log tells of. */
async function createTopic(port: number, name: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const topics = [{ name, numPartitions: 1, replicationFactor: 1 }]
  const request = encodeRequest(CreateTopics, 7, { correlationId: 1, clientId: 'c' }, { topics } as never)
  socket.write(Buffer.concat(request))
  await once(socket, 'data')
  socket.destroy()
}

test('at SIGHUP rivvend goes on in a new audit log, and takes the certificates that its files have', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-hang-up-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const put = (name: string): void => {
    for (const kind of ['pem', 'key']) copyFileSync(join(certificates, `${name}.${kind}`), join(folder, `own.${kind}`))
  }
  put('broker')
  const set = {
    listeners: 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0',
    ...{ ssl_certificate_location: 'own.pem', ssl_key_location: 'own.key', ssl_reload_interval_ms: 3_600_000 },
    ...{ authorizer_class_name: 'standard', super_users: 'User:ANONYMOUS', audit_log: 'audit.log', http: 'off' },
  }
  const words = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const run = rivvendIn(folder)('--memory', ...words)
  t.after(() => run.process.kill('SIGKILL'))
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await ready(run))?.[1])
  const path = join(folder, 'audit.log')
  const toldIn = (file: string): string[] => {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line)).map(({ resource, outcome }) => `${resource} ${outcome}`)
  }
  await createTopic(port, 'before')
  renameSync(path, `${path}.1`)
  await createTopic(port, 'between')
  put('elsewhere')
  run.process.kill('SIGHUP')
  // Which of the two is done first is nobody's promise.
  const all = () => [...toldIn(`${path}.1`), ...toldIn(path)].filter((line) => line.startsWith('LISTENER'))
  const isThere = (): boolean => {
    try {
      return all().length > 0
    } catch {
      return false
    }
  }
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 10))
  await createTopic(port, 'behind')
  run.process.kill('SIGTERM')
  assert.deepEqual(await ended(run), { status: 0, said: run.stderr() })
  assert.deepEqual(all(), ['LISTENER SSL done'])
  assert.ok(!run.stderr().includes('error'), run.stderr())
  const topics = (file: string) => toldIn(file).filter((line) => line.startsWith('TOPIC'))
  assert.deepEqual(
    [topics(`${path}.1`), topics(path)],
    [['TOPIC before done', 'TOPIC between done'], ['TOPIC behind done']],
  )
})
