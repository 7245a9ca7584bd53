import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrongPassword } from '../support/passwords.js'
import { guardedScene } from './guarded-scene.js'

test('what a user may not do ends with status 6 and the right that is missing, in every command', async () => {
  await using s = await guardedScene()
  await s.data('topic create orders')
  await s.data('group reset-offsets order-processors --create -t orders --to-latest')
  for (const [line, missing] of [
    ['topic create payments', /CREATE on topic payments/],
    ['topic describe orders', /DESCRIBE on topic orders/],
    ['topic alter orders --partitions 12', /ALTER on topic orders/],
    ['topic alter orders --set retention.ms=1000', /ALTER_CONFIGS on topic orders/],
    ['topic delete orders', /DELETE on topic orders/],
    ['produce orders x', /on topic orders/],
    ['consume orders --from-beginning -n 1', /on topic orders/],
    ['consume orders --group order-processors -n 1', /on (topic orders|group order-processors)/],
    ['group describe order-processors', /DESCRIBE on group order-processors/],
    ['group lag order-processors', /DESCRIBE on group order-processors/],
    ['group reset-offsets order-processors -t orders --to-latest', /DESCRIBE on group order-processors/],
    ['group delete order-processors', /DESCRIBE on group order-processors/],
    ['group remove-member order-processors --instance-id a', /on group order-processors/],
    ['group timeline order-processors', /on (topic __rivven_rebalances|group order-processors)/],
    ['group explain order-processors', /on (topic __rivven_rebalances|group order-processors)/],
    ['quota list', /DESCRIBE_CONFIGS on the cluster/],
    ['quota set --user bob producer_byte_rate=1', /ALTER_CONFIGS on the cluster/],
    ['quota remove --user bob', /DESCRIBE_CONFIGS on the cluster/],
    ['transaction describe copier', /DESCRIBE on transactional id copier/],
    ['transaction abort copier', /on transactional id copier/],
  ] as const) {
    const ran = await s.as('alice', line)
    assert.deepEqual([ran.status, ran.out], [6, ''], `${line}: ${ran.words}`)
    assert.match(ran.words, missing, line)
    assert.equal(ran.words.trimEnd().split('\n').length, 1, ran.words)
  }
})

test('several failures of which one is not allowed end with status 6', async () => {
  await using s = await guardedScene()
  await s.data('topic create orders')
  const ran = await s.as('alice', 'topic delete nowhere orders')
  assert.equal(ran.status, 6, ran.words)
})

test('a wrong password is no matter of rights', async () => {
  await using s = await guardedScene()
  const ran = await s.as('alice', 'topic list', { env: { RIVVEN_SASL_PASSWORD: wrongPassword } })
  assert.equal(ran.status, 1, ran.words)
  assert.doesNotMatch(ran.words, /guessed/)
})
