// kcat as alice: the program of programs.mjs, made of calls of a command.
import { spawnSync } from 'node:child_process'
import { linesOf, numbered } from '../feeding.mjs'

const settings = {
  protocol: 'security.protocol',
  mechanism: 'sasl.mechanism',
  username: 'sasl.username',
  password: 'sasl.password',
  ca: 'ssl.ca.location',
  certificate: 'ssl.certificate.location',
  key: 'ssl.key.location',
}
/** What librdkafka says, and what Kafka calls it. */
const errors = [
  [/Topic authorization failed/, 'TOPIC_AUTHORIZATION_FAILED'],
  [/DESCRIBE on the group/, 'GROUP_AUTHORIZATION_FAILED'],
  [/authentication failure/i, 'SASL_AUTHENTICATION_FAILED'],
]

export function kcat(task) {
  const call = (args, input = '', more = {}) => {
    const told = { ...task, ...more }
    const how = Object.keys(settings).filter((name) => told[name] !== undefined)
    const set = how.flatMap((name) => ['-X', `${settings[name]}=${told[name]}`])
    const options = { input, encoding: 'utf8', timeout: 30_000 }
    const { status, signal, stdout, stderr } = spawnSync('kcat', ['-b', task.servers, ...set, ...args], options)
    return { lines: linesOf(stdout), error: status === 0 ? undefined : nameOf(stderr, signal) }
  }
  const produce = (topic, values, more) => call(['-P', '-t', topic, '-T'], `${values.join('\n')}\n`, more).error
  const consume = (topic, group) => call(['-G', group, '-X', 'auto.offset.reset=earliest', '-e', '-q', topic])
  const write = produce(task.topic, numbered(task.count))
  const { lines, error } = consume(task.topic, task.group)
  return {
    ...{ write, values: lines, read: error },
    writeHidden: produce('hidden', ['x']),
    writeLocked: produce('locked', ['x']),
    readLocked: consume('locked', task.group).error,
    joinForbidden: consume(task.topic, 'forbidden').error,
    wrongPassword: task.password && produce(task.topic, ['x'], { password: task.wrong }),
  }
}

function nameOf(stderr, signal) {
  return errors.find(([said]) => said.test(stderr))?.[1] ?? `${signal ?? ''} ${stderr}`
}

/** It has no tokens of its own making; before librdkafka 2.8.0 it says its nonce twice, and logs in by SCRAM nowhere. */
export function waysOfKcat(ways) {
  const [, major, minor] = /librdkafka (\d+)\.(\d+)/.exec(spawnSync('kcat', ['-V'], { encoding: 'utf8' }).stdout)
  const knowsScram = major > 2 || (major === '2' && minor >= 8)
  return ways.filter(
    ({ mechanism = '' }) => mechanism !== 'OAUTHBEARER' && (knowsScram || !mechanism.startsWith('SCRAM')),
  )
}
