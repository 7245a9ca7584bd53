import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HandedOutIds } from '../../src/coordinator/groups/handed-out-ids.js'
import type { RequestConnection } from '../../src/request-connection.js'

function scene() {
  const orphaned: [string, readonly string[]][] = []
  const ids = new HandedOutIds((groupId, memberIds) => orphaned.push([groupId, memberIds]))
  const listeners: (() => void)[] = []
  const connection: RequestConnection = {
    closed: false,
    onClose(listener) {
      listeners.push(listener)
      return () => undefined
    },
    close: () => undefined,
  }
  const hangUp = () => {
    for (const listener of listeners.splice(0)) listener()
  }
  return { ids, orphaned, listeners, connection, hangUp }
}

test('ids that were not used when their connection closes are told, by group', () => {
  const { ids, orphaned, connection, hangUp } = scene()
  ids.given(connection, 'g', 'a')
  ids.given(connection, 'h', 'b')
  ids.given(connection, 'g', 'c')
  ids.given(connection, 'g', 'd')
  ids.used(connection, 'c')
  hangUp()
  assert.deepEqual(orphaned, [
    ['g', ['a', 'd']],
    ['h', ['b']],
  ])
})

test('a connection is listened to once, however many ids it is given, and keeps only the newest in mind', () => {
  const { ids, orphaned, listeners, connection, hangUp } = scene()
  for (let id = 0; id < 3_000; id++) ids.given(connection, 'g', `${id}`)
  assert.equal(listeners.length, 1)
  hangUp()
  assert.equal(orphaned[0]![1].length, 1_000)
  assert.equal(orphaned[0]![1].at(-1), '2999')
})
