import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationOf } from '../../src/config/authorization.js'
import { bootstrapAdminOf } from '../../src/config/bootstrap-admin.js'
import { brokerConfig } from '../../src/config/broker-config.js'

const config = (values: Record<string, unknown>) => brokerConfig([{ from: 'test', values }])

test('the bootstrap administrator is a super user beside the others, as long as it is set', () => {
  const set = config({ super_users: 'User:root', bootstrap_admin: 'admin', bootstrap_admin_password_file: '/secret' })
  assert.deepEqual([...authorizationOf(set, []).superUsers], ['User:root', 'User:admin'])
  assert.deepEqual(bootstrapAdminOf(set), { name: 'admin', passwordFile: '/secret' })
  assert.deepEqual([...authorizationOf(config({}), []).superUsers], [])
  assert.equal(bootstrapAdminOf(config({})), undefined)
})

test('what nobody can have meant by bootstrap_admin is refused', () => {
  assert.throws(
    () => bootstrapAdminOf(config({ bootstrap_admin: 'User:admin' })),
    /it is the name alone, without User:/,
  )
  assert.throws(() => bootstrapAdminOf(config({ bootstrap_admin_password_file: '/x' })), /set bootstrap_admin, too/)
})
