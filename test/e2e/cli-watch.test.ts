import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Admin, RivvenError } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { assertPlainFailure, scene } from './cli-scene.js'

/** A screen that remembers what is on it, and presses keys. */
function fakeScreen() {
  let listener: ((key: string) => void) | null = null
  const drawn: string[] = []
  return {
    drawn,
    press: (key: string) => listener!(key),
    /** Waits until it shows this. */
    shows: (text: RegExp) => eventually(() => assert.match(drawn.at(-1) ?? '', text)),
    get isHeard() {
      return listener !== null
    },
    screen: {
      size: () => ({ columns: 120, rows: 20 }),
      write: (text: string) => void drawn.push(text),
      listen: (onKey: (key: string) => void) => {
        listener = onKey
        return () => {
          listener = null
        }
      },
    },
  }
}

async function neighbourhood() {
  const s = await scene()
  await s.topicWith('t', 2, 5)
  for (const [group, offset] of [
    ['behind', 1],
    ['further', 0],
  ] as const)
    await s.data(`group reset-offsets ${group} --create -t t --to-offset ${offset}`)
  return s
}

for (const where of ['Rivven', 'Apache Kafka'] as const) {
  test(`groups are watched on ${where}: chosen, looked at closer, sorted, and left`, async (t) => {
    await using s = await neighbourhood()
    // Brokers of Apache Kafka do not know the call.
    if (where === 'Apache Kafka')
      t.mock.method(Admin.prototype, 'call', async () => {
        throw new RivvenError('UNSUPPORTED_BY_BROKER', 'The broker does not know this.')
      })
    const { screen, press, shows, drawn } = fakeScreen()
    const watching = s.run('group watch', { screen })
    await shows(/2 groups, most records behind first.*further +Empty +[0-] +10 .*behind +Empty +[0-] +8 /s)
    press('down')
    await shows(/\[7mbehind/)
    press('enter')
    await shows(/behind {3}Empty · 0 members.*nobody +t \[0 .*\] \[1 .*\].*TOPIC.*t +0 +1 +5 +4 /s)
    press('escape')
    await shows(/\[7mbehind/)
    press('p')
    press('s')
    press('s')
    press('s')
    await shows(/by name.*behind.*further.*PAUSED/s)
    press('q')
    const { status, out, words } = await watching
    assert.deepEqual([status, out, words], [0, '', ''])
    assert.equal(drawn[0], '\u001b[?1049h\u001b[?25l')
    assert.equal(drawn.at(-1), '\u001b[?25h\u001b[?1049l')
  })
}

test('one group is watched as it changes, until the user asks to stop', async () => {
  await using s = await neighbourhood()
  const { screen, shows, drawn } = fakeScreen()
  const stop = new AbortController()
  const watching = s.run('group watch behind', { screen, stop: stop.signal })
  await shows(/behind {3}Empty/)
  await s.member('behind', 't', 'worker')
  await shows(
    /Stable · range · 1 member.*Last rebalance .* because worker came to an empty group.*worker \(127\.0\.0\.1\) +t \[0.*\[1/s,
  )
  stop.abort('SIGINT')
  assert.equal((await watching).status, 130)
  assert.equal(drawn.at(-1), '\u001b[?25h\u001b[?1049l')
})

test('what cannot be looked at is told, and looked at again', async () => {
  await using s = await neighbourhood()
  const { screen, shows, press } = fakeScreen()
  const watching = s.run('group watch behind', { screen })
  await shows(/behind {3}Empty/)
  await s.data('group delete behind')
  await shows(/cannot look: there is no such group/)
  await s.data('group reset-offsets behind --create -t t --to-latest')
  await shows(/behind {3}Empty.*\n(?!.*cannot look)/s)
  press('q')
  assert.equal((await watching).status, 0)
})

test('without a terminal nothing is watched', async () => {
  await using s = await neighbourhood()
  assertPlainFailure(await s.run('group watch'), /needs a terminal; `rivvenctl group lag --watch` writes lines/, 2)
  assertPlainFailure(
    await s.run('group watch nobody', { screen: fakeScreen().screen }),
    /There is no group "nobody"/,
    4,
  )
})

test('a group that tells nothing keeps nobody from watching the others on Apache Kafka', async (t) => {
  await using s = await neighbourhood()
  t.mock.method(Admin.prototype, 'call', async () => {
    throw new RivvenError('UNSUPPORTED_BY_BROKER', 'The broker does not know this.')
  })
  withoutOffsets(t, 'further')
  const { screen, press, shows } = fakeScreen()
  const watching = s.run('group watch', { screen })
  await shows(/2 groups.*behind +Empty +- +8 .*further +Empty +- +- /s)
  press('q')
  assert.equal((await watching).status, 0)
  assert.equal(await s.data('group export --all'), 'behind,t,0,1\nbehind,t,1,1\n')
})

/** As a share group, which is listed and has committed nothing. */
function withoutOffsets(t: TestContext, group: string): void {
  const { listGroupOffsets } = Admin.prototype
  t.mock.method(Admin.prototype, 'listGroupOffsets', async function (this: Admin, asked: string) {
    if (asked === group) throw new RivvenError('GROUP_ID_NOT_FOUND', 'There is no such group.')
    return listGroupOffsets.call(this, asked)
  })
}
