import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@rivven/fakes'
import { PollBoard } from '../../../src/consumer/heartbeats/poll-board.js'
import { PollDeadline } from '../../../src/consumer/heartbeats/poll-deadline.js'

test('both threads see how long the application has been away from poll', () => {
  const application = new PollBoard()
  const heartbeats = new PollBoard(application.memory)
  assert.equal(heartbeats.awayMs(5000), 0)
  application.leave(1000)
  assert.equal(heartbeats.awayMs(5000), 4000)
  assert.equal(application.enter(), true)
  assert.equal(heartbeats.awayMs(9000), 0)
})

test('one thread only finds poll overdue, and the poll that comes then is told so once', () => {
  const application = new PollBoard()
  const heartbeats = new PollBoard(application.memory)
  application.leave(1000)
  assert.equal(heartbeats.claimOverdue(1999, 1000), false)
  assert.equal(heartbeats.claimOverdue(2000, 1000), true)
  assert.equal(application.claimOverdue(2000, 1000), false)
  application.leave(2500)
  assert.equal(application.isOverdue, true)
  assert.equal(application.enter(), false)
  application.leave(3000)
  assert.equal(application.enter(), true)
})

test('nothing is overdue while the application is in poll', () => {
  const board = new PollBoard()
  board.leave(1000)
  board.enter()
  assert.equal(board.claimOverdue(100_000, 1000), false)
})

test('a clock beyond 2^32 milliseconds changes nothing', () => {
  const board = new PollBoard()
  board.leave(2 ** 32 - 300)
  assert.equal(board.awayMs(2 ** 32 + 500), 800)
  board.leave(2 ** 31 - 300)
  assert.equal(board.awayMs(2 ** 31 + 500), 800)
})

test('the deadline moves with each poll, and ends the watch when it passes', async () => {
  const clock = new FakeClock()
  const board = new PollBoard()
  const overdue: number[] = []
  const onOverdue = () => overdue.push(clock.monotonic())
  const deadline = new PollDeadline({ clock, board, maxMs: 1000, onOverdue })
  board.leave(clock.monotonic())
  deadline.start()
  await clock.advance(900)
  board.leave(clock.monotonic())
  await clock.advance(900)
  board.enter()
  await clock.advance(5000)
  board.leave(clock.monotonic())
  await clock.advance(5000)
  assert.deepEqual(overdue, [7800])
  assert.equal(clock.pending, 0)
})

test('an absence from poll is told once when most of the time is over, and again in the next one', async () => {
  const clock = new FakeClock()
  const board = new PollBoard()
  const told: number[] = []
  const deadline = new PollDeadline({
    clock,
    board,
    maxMs: 1000,
    onLate: () => told.push(clock.monotonic()),
    onOverdue: () => told.push(-1),
  })
  board.leave(clock.monotonic())
  deadline.start()
  await clock.advance(950)
  board.enter()
  board.leave(clock.monotonic())
  await clock.advance(1100)
  assert.deepEqual(told, [800, 1750, -1])
})
