import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOf, kindsOf } from '../src/clients/client-kind.js'
import { brokerLine, linesFor, lineText } from '../src/clients/config-lines.js'
import { settings } from '../src/clients/settings.js'
import { member } from './facts.js'

const by = (software: string | null | undefined, clientId = 'worker') => member('m', '', { software, clientId })

test('a client is known by the name of its software, kafkajs by having none', () => {
  assert.deepEqual(
    ['rivven', 'apache-kafka-java', 'librdkafka', 'confluent-kafka-python', null, 'kgo'].map((name) =>
      kindOf(by(name)),
    ),
    ['rivven', 'apache-kafka-java', 'librdkafka', 'librdkafka', 'kafkajs', undefined],
  )
})

test('where nobody knows the software, usual client ids tell', () => {
  const ids = ['rivven', 'consumer-orders-1', 'rdkafka', 'kafkajs', 'worker']
  assert.deepEqual(
    ids.map((id) => kindOf(by(undefined, id))),
    ['rivven', 'apache-kafka-java', 'librdkafka', 'kafkajs', undefined],
  )
})

test('lines are for the clients that members use, or for all where that is not known', () => {
  assert.deepEqual(kindsOf([by('rivven'), by(null), by('rivven')]), ['rivven', 'kafkajs'])
  assert.equal(kindsOf([by('rivven'), by(undefined)]).length, 4)
  assert.deepEqual(kindsOf([by('kgo')]), [])
})

test('a line is written as its client reads it, and not at all where the client has no such setting', () => {
  const texts = (setting: keyof typeof settings, value: string | number | boolean) =>
    linesFor(settings[setting], value, { members: [by(undefined)] }).map(lineText)
  assert.deepEqual(texts('maxPollRecords', 100), ['max_poll_records: 100', 'max.poll.records=100'])
  assert.deepEqual(texts('sessionTimeoutMs', 45000), [
    ...['session_timeout_ms: 45000', 'session.timeout.ms=45000', 'session.timeout.ms=45000', 'sessionTimeout: 45000'],
  ])
  assert.deepEqual(texts('isolationLevel', 'read_committed').at(-1), 'readUncommitted: false')
  assert.deepEqual(lineText(brokerLine('offsets_retention_minutes', 20160)), 'offsets_retention_minutes: 20160')
})
