import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { TestBroker, TestCluster } from './test-cluster.js'
import type { TestLife } from './test-life.js'

const topics = ['a', 'b', 'c', '__consumer_offsets'] as const
const MOST_PARTITIONS = 7

/** What may happen to a cluster of three; `at` is a place in `last`. */
const steps = {
  pass: (test: TestCluster, ms: number) => test.pass(ms),
  kill: (test: TestCluster, at: number) => test.killProcess(at),
  restart: (test: TestCluster, at: number) => test.restartProcess(at),
  pause: (test: TestCluster, at: number) => processAt(test, at).life.pause(),
  resume: (test: TestCluster, at: number) => processAt(test, at).life.resume(),
  cut: (test: TestCluster, at: number, how: number) => cut(processAt(test, at).life, how),
  databaseAway: (test: TestCluster, _at: number, how: number) => {
    for (const { life } of test.last) cut(life, how)
  },
  endSession: (test: TestCluster, at: number) => test.endSessionsOf(at + 1),
  restartDatabase: (test: TestCluster) => test.server.restart(),
  failOver: (test: TestCluster) => test.server.failOver(),
  create: (test: TestCluster, at: number, topic: number, partitionCount: number) =>
    ask(catalogAt(test, at).createTopics([{ name: nameOf(topic), partitionCount }])),
  grow: (test: TestCluster, at: number, topic: number, count: number) =>
    ask(catalogAt(test, at).growTopics([{ name: nameOf(topic), count }])),
  delete: (test: TestCluster, at: number, topic: number) => ask(catalogAt(test, at).deleteTopics([nameOf(topic)])),
  drain: (test: TestCluster, at: number, other: number) =>
    ask(processAt(test, at).cluster.drain((other % 3) + 1, true), /There is no broker/),
  undrain: (test: TestCluster, at: number, other: number) =>
    ask(processAt(test, at).cluster.drain((other % 3) + 1, false), /There is no broker/),
  join: (test: TestCluster, at: number, topic: number) => {
    for (let index = 0; index < MOST_PARTITIONS; index++) processAt(test, at).led.busy.add(`${nameOf(topic)}-${index}`)
  },
  sync: (test: TestCluster, at: number) => processAt(test, at).led.settleGroups(),
  leave: (test: TestCluster, at: number) => {
    const process = processAt(test, at)
    if (!test.leaving.has(process)) void process.cluster.leave()
    test.leaving.add(process)
  },
}

export type Step = readonly [name: keyof typeof steps, ...args: number[]]

export async function take(test: TestCluster, [name, first = 0, second = 0, third = 1]: Step): Promise<void> {
  await steps[name](test, first, second, third)
}

const at = fc.nat(2)
const topic = fc.nat(topics.length - 1)
const count = fc.integer({ min: 1, max: MOST_PARTITIONS })
const ms = fc.constantFrom(20, 100, 400, 900, 2_900, 3_100, 3_600, 12_000)

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('pass' as const), ms) },
  { weight: 7, arbitrary: fc.tuple(fc.constantFrom('kill', 'restart', 'restart', 'pause', 'resume', 'resume'), at) },
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom('cut', 'cut', 'databaseAway'), at, fc.nat(3)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('endSession', 'restartDatabase', 'failOver', 'leave'), at) },
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom('create', 'create', 'grow', 'delete'), at, topic, count) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('drain', 'undrain'), at, at) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('join', 'sync'), at, topic) },
)

function processAt(test: TestCluster, at: number): TestBroker {
  const process = test.last[at]
  assert.ok(process)
  return process
}

const catalogAt = (test: TestCluster, at: number) => processAt(test, at).cluster.catalog
const nameOf = (topic: number) => topics[topic % topics.length] as string

function cut(life: TestLife, how: number): void {
  life.cut = (['calls', 'answers', 'none', 'none'] as const)[how % 4] ?? 'none'
}

/** Of a request that may fail: the program goes on at once. */
function ask(request: Promise<unknown>, allowed = /^$/): void {
  request.catch((error: Error) => {
    if (!allowed.test(error.message)) assert.match(error.name, /UnavailableError|UnknownOutcomeError/)
  })
}
