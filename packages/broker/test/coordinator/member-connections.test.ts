import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemberConnections } from '../../src/coordinator/groups/member-connections.js'
import type { RequestConnection } from '../../src/request-connection.js'

class TestConnection implements RequestConnection {
  closed = false
  readonly #listeners: (() => void)[] = []

  onClose(listener: () => void): () => void {
    this.#listeners.push(listener)
    return () => undefined
  }

  close(): void {
    for (const listener of this.#listeners) listener()
  }
}

function watched() {
  const lost: [string, readonly string[]][] = []
  const members = new MemberConnections((groupId, memberIds) => void lost.push([groupId, memberIds]))
  return { members, lost }
}

test('members are lost with the connection over which they were last heard of, group by group', () => {
  const { members, lost } = watched()
  const [first, second] = [new TestConnection(), new TestConnection()]
  for (const memberId of ['a', 'b', 'c']) members.heard(first, 'orders', memberId)
  members.heard(first, 'payments', 'd')
  members.heard(second, 'orders', 'b')
  members.heard(second, 'orders', 'b')
  first.close()
  assert.deepEqual(lost.splice(0), [
    ['orders', ['a', 'c']],
    ['payments', ['d']],
  ])
  second.close()
  assert.deepEqual(lost, [['orders', ['b']]])
})

test('a connection that names thousands of members is remembered for its latest thousand', () => {
  const { members, lost } = watched()
  const connection = new TestConnection()
  for (let at = 0; at < 3_000; at++) members.heard(connection, 'g', `m${at}`)
  connection.close()
  assert.deepEqual([lost.length, lost[0]![1].length, lost[0]![1][0]], [1, 1_000, 'm2000'])
})
