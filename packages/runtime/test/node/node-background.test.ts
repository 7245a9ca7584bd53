import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { threadId } from 'node:worker_threads'
import { inlineBackground } from '../../src/inline-background.js'
import { NodeBackground } from '../../src/node/node-background.js'
import { nodeRuntime } from '../../src/node/node-runtime.js'
import type { Background, BackgroundTask } from '../../src/runtime.js'
import { type Order, run } from './counting-task.js'

const world = nodeRuntime()
const task: BackgroundTask<number, Order, unknown> = { module: new URL('./counting-task.js', import.meta.url), run }

/** Starts a task and keeps what it tells. */
function started(background: Background, input: number) {
  const heard: unknown[] = []
  let wake: () => void = nothing
  const owner = {
    received(message: unknown) {
      heard.push(message)
      wake()
    },
    failed(error: Error) {
      heard.push(error.message)
      wake()
    },
  }
  // The thread does not keep the process alive; whoever waits for it does.
  const next = async () => {
    const awake = setInterval(nothing, 1000)
    while (heard.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    clearInterval(awake)
    return heard.shift()
  }
  return { ...background.start(task, input, owner), next, heard }
}

test('tasks share one thread that is not this one, and each hears only what it is told', async () => {
  const background = new NodeBackground(world)
  const [one, ten] = [started(background, 1), started(background, 10)]
  one.tell('count')
  ten.tell('count')
  one.tell('count')
  assert.deepEqual([await one.next(), await one.next(), await ten.next()], [2, 3, 11])
  one.tell('thread')
  ten.tell('thread')
  const [first, second] = [await one.next(), await ten.next()] as { threadId: number }[]
  assert.equal(first!.threadId, second!.threadId)
  assert.notEqual(first!.threadId, threadId)
  one.stop()
  ten.stop()
})

test('both threads have the same time', async () => {
  const { tell, next, stop } = started(new NodeBackground(world), 0)
  const before = world.clock.monotonic()
  tell('thread')
  const { monotonic } = (await next()) as { monotonic: number }
  const after = world.clock.monotonic()
  assert.ok(monotonic > before - 0.1 && monotonic < after + 0.1, `${before} ≤ ${monotonic} ≤ ${after}`)
  stop()
})

test('nothing is heard of a task that was stopped, and a new thread comes when it is needed again', async () => {
  const background = new NodeBackground(world)
  const first = started(background, 0)
  first.tell('count')
  first.stop()
  first.tell('count')
  const second = started(background, 5)
  second.tell('count')
  assert.equal(await second.next(), 6)
  assert.deepEqual(first.heard, [])
  second.stop()
})

test('when the thread dies its tasks are told, a warning says so, and the next task gets a new thread', async () => {
  const background = new NodeBackground({ ...world, clock: { ...world.clock, monotonic: slowClock() } })
  const [one, two] = [started(background, 0), started(background, 0)]
  const warning = once(process, 'warning')
  one.tell('throw later')
  assert.deepEqual([await one.next(), await two.next()], ['a bug', 'a bug'])
  assert.match(String((await warning)[0]), /background thread of Rivven was lost: a bug/)
  const three = started(background, 7)
  three.tell('thread')
  assert.notEqual(((await three.next()) as { threadId: number }).threadId, threadId)
  three.stop()
})

test('where no thread can be had, tasks run on this one, with a warning', async () => {
  const background = new NodeBackground(world, new URL('./not-there.js', import.meta.url))
  const warning = once(process, 'warning')
  const lost = started(background, 0)
  assert.match(String(await lost.next()), /not-there/)
  assert.match(String((await warning)[0]), /cannot work in a background thread/)
  const inline = started(background, 3)
  inline.tell('count')
  assert.equal(await inline.next(), 4)
})

test('tasks on the same thread hear copies, in order and not at once', async () => {
  const { tell, next, heard } = started(inlineBackground(world), 0)
  tell('count')
  tell('count')
  assert.deepEqual(heard, [])
  assert.deepEqual([await next(), await next()], [1, 2])
})

/** A clock by which each look takes two seconds: no thread dies early. */
function slowClock(): () => number {
  let now = 0
  return () => {
    now += 2000
    return now
  }
}

function nothing(): void {
  // Until there is something to do.
}
