import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../src/config-error.js'
import { type ConfigFile, fromEnvironment, fromFile, type Section } from '../src/config-sources.js'

/** Reads a section where these files are. */
function read(files: Record<string, string>, section: Section, input: Partial<ConfigFile> = {}) {
  const readFile = async (path: string) => {
    if (files[path] === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return Buffer.from(files[path])
  }
  return fromFile(section, { disk: { readFile }, env: {}, ...input })
}

const refusal = (reading: Promise<unknown>, message: RegExp) =>
  assert.rejects(reading, (error) => error instanceof ConfigError && message.test(error.message))

test('rivven.yaml is read where it is, and each program reads its own section', async () => {
  const files = { 'rivven.yaml': 'broker:\n  listen: a\nconsumer:\n  group_id: b\n' }
  assert.deepEqual((await read(files, 'broker')).values, { listen: 'a' })
  assert.deepEqual((await read(files, 'consumer')).values, { group_id: 'b' })
  assert.deepEqual((await read(files, 'producer')).values, {})
  assert.deepEqual((await read({}, 'consumer')).values, {})
})

test('another file is read when it is asked for, which must be there', async () => {
  const files = { 'other.yaml': 'consumer:\n  group_id: c\n' }
  assert.deepEqual(await read(files, 'consumer', { file: 'other.yaml' }), {
    from: 'other.yaml',
    values: { group_id: 'c' },
  })
  assert.equal((await read(files, 'consumer', { env: { RIVVEN_CONFIG: 'other.yaml' } })).from, 'other.yaml')
  await refusal(read({}, 'consumer', { file: 'gone.yaml' }), /gone\.yaml cannot be read: it is not there/)
})

test('a file that is no mapping of known sections is refused', async () => {
  await refusal(read({ 'rivven.yaml': 'consumers:\n  a: 1\n' }, 'consumer'), /consumers.*Did you mean consumer\?/)
  await refusal(read({ 'rivven.yaml': 'just text' }, 'consumer'), /must have sections/)
  await refusal(read({ 'rivven.yaml': 'consumer: text' }, 'consumer'), /section consumer .* must have keys/)
  await refusal(read({ 'rivven.yaml': 'consumer: {' }, 'consumer'), /is not YAML/)
})

test('the environment is asked for the keys that are known, and what is empty does not count', () => {
  const env = { RIVVEN_GROUP_ID: 'g', RIVVEN_CLIENT_ID: '', RIVVEN_OTHER: 'x' }
  assert.deepEqual(fromEnvironment(['group_id', 'client_id'], env).values, { group_id: 'g' })
})

test('a name in the environment that is a known one misspelt is refused; what belongs to others is passed over', () => {
  const keys = ['bootstrap_servers', 'group_id', 'session_timeout_ms', 'fetch_max_bytes']
  const misspelt = {
    RIVVEN_BOOTSTRAP_SERVER: 'RIVVEN_BOOTSTRAP_SERVERS',
    RIVVEN_GROUPID: 'RIVVEN_GROUP_ID',
    RIVVEN_GRUOP_ID: 'RIVVEN_GROUP_ID',
    RIVVEN_GROUP_IDD: 'RIVVEN_GROUP_ID',
    RIVVEN_SESSION_TIMEOUT: 'RIVVEN_SESSION_TIMEOUT_MS',
    RIVVEN_CONFIGS: 'RIVVEN_CONFIG',
  }
  for (const [name, meant] of Object.entries(misspelt))
    assert.throws(() => fromEnvironment(keys, { [name]: 'x' }), new RegExp(`sets ${name}, .*Did you mean ${meant}\\?`))
  // The last three are what Kubernetes sets for a service that is called rivven.
  const others = ['FETCH_MIN_BYTES', 'GROUP', 'SERVICE_HOST', 'PORT', 'PORT_9092_TCP_ADDR']
  const env = Object.fromEntries(others.map((name) => [`RIVVEN_${name}`, 'x']))
  assert.deepEqual(fromEnvironment(keys, { ...env, RIVVEN_CONFIG: 'a.yaml', RIVVEN: 'x' }).values, {})
})
