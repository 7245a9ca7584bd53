// The tables of transactions.md §5 and §9.2: every state against every request.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransactionState } from '../src/index.js'
import { codeOf, Host, identityOf, type Producer } from './support/host.js'

const partitions = [{ topic: 't', partitions: [0] }]
const states: Record<TransactionState, { partitions: typeof partitions | [] | null; startTimestamp: number }> = {
  Empty: { partitions: null, startTimestamp: -1 },
  Ongoing: { partitions, startTimestamp: 1 },
  PrepareCommit: { partitions, startTimestamp: 1 },
  PrepareAbort: { partitions, startTimestamp: 1 },
  CompleteCommit: { partitions: [], startTimestamp: 1 },
  CompleteAbort: { partitions: [], startTimestamp: 1 },
}
const names = Object.keys(states) as TransactionState[]
const own: Producer = { producerId: 7, producerEpoch: 5 }

function hostIn(state: TransactionState): Host {
  const host = new Host()
  host.given({ state, ...states[state] })
  host.restart()
  return host
}

type Row = [name: string, ask: (host: Host) => ReturnType<Host['init']>, codes: number[]]

const current: Row[] = [
  ['InitProducerId', (host) => host.init(), [0, 51, 51, 51, 0, 0]],
  ['AddPartitionsToTxn 3', (host) => host.add(own, [1]), [0, 0, 51, 51, 0, 0]],
  ['AddPartitionsToTxn 5', (host) => host.add(own, [1], { apiVersion: 5 }), [0, 0, 51, 51, 0, 0]],
  ['AddOffsetsToTxn', (host) => host.addOffsets(own), [0, 0, 51, 51, 0, 0]],
  ['EndTxn 4 commit', (host) => host.end(own, true, 4), [48, 0, 51, 48, 0, 48]],
  ['EndTxn 4 abort', (host) => host.end(own, false, 4), [48, 0, 48, 51, 48, 0]],
  ['EndTxn 5 commit', (host) => host.end(own, true, 5), [48, 0, 90, 90, 48, 48]],
  ['EndTxn 5 abort', (host) => host.end(own, false, 5), [0, 0, 90, 90, 0, 0]],
  ['verify, in', (host) => host.add(own, [0], { apiVersion: 4, verifyOnly: true }), [120, 0, 51, 51, 120, 120]],
  ['verify, not in', (host) => host.add(own, [1], { apiVersion: 4, verifyOnly: true }), [120, 120, 51, 51, 120, 120]],
]

for (const [name, ask, codes] of current) {
  for (const [index, state] of names.entries()) {
    test(`${name} by the present producer in ${state} is answered with ${codes[index]}`, () => {
      assert.equal(codeOf(ask(hostIn(state))), codes[index])
    })
  }
}

const before: Producer = { producerId: 7, producerEpoch: 4 }
const repeated: Row[] = [
  ['EndTxn 5 commit', (host) => host.end(before, true, 5), [90, 90, 51, 48, 0, 48]],
  ['EndTxn 5 abort', (host) => host.end(before, false, 5), [90, 90, 48, 51, 48, 0]],
]

for (const [name, ask, codes] of repeated) {
  for (const [index, state] of names.entries()) {
    test(`${name} with the epoch before in ${state} is answered with ${codes[index]}, and changes nothing`, () => {
      const host = hostIn(state)
      const decision = ask(host)
      assert.equal(codeOf(decision), codes[index])
      assert.deepEqual(decision.events, [])
      const identity = codes[index] === 0 ? own : { producerId: -1, producerEpoch: -1 }
      assert.deepEqual(identityOf(decision), { errorCode: codes[index], ...identity })
    })
  }
}

type Foreign = [name: string, ask: (host: Host, who: Producer) => ReturnType<Host['init']>, fenced: number]

const foreign: Foreign[] = [
  ['AddPartitionsToTxn 0', (host, who) => host.add(who, [0], { apiVersion: 0 }), 47],
  ['AddPartitionsToTxn 1', (host, who) => host.add(who, [0], { apiVersion: 1 }), 47],
  ['AddPartitionsToTxn 2', (host, who) => host.add(who, [0], { apiVersion: 2 }), 90],
  ['AddPartitionsToTxn 5', (host, who) => host.add(who, [0], { apiVersion: 5 }), 90],
  ['verify', (host, who) => host.add(who, [0], { apiVersion: 4, verifyOnly: true }), 90],
  ['AddOffsetsToTxn 1', (host, who) => host.addOffsets(who, 3, 1), 47],
  ['AddOffsetsToTxn 2', (host, who) => host.addOffsets(who, 3, 2), 90],
  ['EndTxn 1', (host, who) => host.end(who, true, 1), 47],
  ['EndTxn 2', (host, who) => host.end(who, true, 2), 90],
  ['EndTxn 5', (host, who) => host.end(who, true, 5), 90],
]

for (const [name, ask, fenced] of foreign) {
  for (const state of names) {
    test(`${name} in ${state} refuses other epochs, ids and names`, () => {
      const ofEpoch = (producerEpoch: number) => codeOf(ask(hostIn(state), { producerId: 7, producerEpoch }))
      assert.equal(ofEpoch(6), fenced)
      assert.equal(ofEpoch(3), fenced)
      assert.equal(codeOf(ask(hostIn(state), { producerId: 8, producerEpoch: 5 })), 49)
      assert.equal(codeOf(ask(hostIn(state), { ...own, transactionalId: 'y' })), 49)
      assert.equal(codeOf(ask(hostIn(state), { ...own, transactionalId: '' })), 42)
    })
  }
}
