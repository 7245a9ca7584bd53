import { type Admin, RivvenError, type StoryMember } from '@rivven/client'
import { nameToPath } from '@rivven/protocol'
import { Failure, kindOf } from '../failure.js'
import type { GlobalOptions } from '../settings/global-options.js'
import { whereFlags } from '../settings/where-flags.js'
import { commandText } from '../text/command-text.js'
import { durationText } from '../text/durations.js'
import { counted } from '../text/words.js'
import type { Aim } from './aim.js'
import type { ApplyOptions } from './apply-flags.js'
import type { Change } from './change.js'
import { membersText, namesOf } from './members.js'
import { topicsIn } from './scope.js'
import type { ComputedTarget } from './target.js'
import type { Way, WayParts } from './way.js'

const handoverMs = 30_000
/** Longer than the coordinator waits for members: it answers for both. */
const answerMs = 15_000

interface GroupReset {
  readonly changes: readonly Pick<Change, 'topic' | 'partition' | 'oldOffset' | 'newOffset' | 'note'>[]
  readonly fingerprint: string
  readonly snapshot: number | null
  readonly mode: string
  readonly memberCount: number
  readonly fenced: readonly StoryMember[]
}

/** The way of Rivven, which plans it as well: members hand over, what was is kept, and what depends on the moment is decided in it. */
export async function byRivven({ context, admin, group, aim, options }: WayParts): Promise<Way> {
  const { groupId, members } = group
  const body = { ...bodyOf(aim), ...optionsOf(options), create: options.create ?? false }
  const planned = await reset(admin, groupId, { ...body, live: true, dryRun: true })
  const isLive = options.live === true
  return {
    plan: { changes: planned.changes.map((change) => ({ ...change, metadata: null })), untouched: [] },
    refusal: isLive || members.length === 0 ? null : membersText(group),
    async apply() {
      // Offsets of living groups move; those of others are as they were shown, or nothing is done.
      const unchanged = members.length === 0 ? { ifUnchanged: planned.fingerprint } : {}
      const waitsMs = isLive && members.length > 0 ? (options.handover ?? handoverMs) : 0
      if (waitsMs > 0) context.terminal.words(waitingText(members.length, waitsMs))
      const done = await reset(admin, groupId, { ...body, ...unchanged, live: isLive }, waitsMs).catch(
        (error: unknown) => {
          throw withSnapshots(error, groupId, context.options)
        },
      )
      return `${doneText(done, waitsMs)} To undo it: ${undoText(groupId, done, isLive, context.options)}\n`
    },
  }
}

async function reset(admin: Admin, groupId: string, body: object, waitsMs = 0): Promise<GroupReset> {
  const path = `/api/groups/${nameToPath(groupId)}/resets`
  try {
    return (await admin.call('POST', path, { body, timeoutMs: waitsMs + answerMs, isSentOnce: true })) as GroupReset
  } catch (error) {
    throw withFlag(error)
  }
}

/** Codes of a call that is sent once, where nobody knows what became of it. */
const undecided: ReadonlySet<string> = new Set(['CONNECTION_CLOSED', 'TIMED_OUT', 'RESET_UNDECIDED'])

/** Snapshots know what became of it. */
function withSnapshots(error: unknown, groupId: string, options: GlobalOptions): unknown {
  if (!(error instanceof RivvenError) || !undecided.has(error.code)) return error
  const command = commandText('group snapshots', [groupId], whereFlags(options))
  return new Failure(kindOf(error), `${error.message} \`${command}\` tells: it is done where it stands on top there.`, {
    cause: error,
  })
}

/** What the command line calls what the API says. */
function withFlag(error: unknown): unknown {
  if (!(error instanceof RivvenError)) return error
  if (error.code === 'ANONYMOUS_COMMITS')
    return new Failure('failed', `${error.message} --force does it all the same.`, { cause: error })
  return error
}

function optionsOf({ handover, force, reason }: ApplyOptions) {
  return { handoverMs: handover ?? handoverMs, force: force ?? false, reason: reason ?? '' }
}

function bodyOf(aim: Aim): object {
  switch (aim.kind) {
    case 'all': {
      const topics = topicsIn(aim.scope)
      return { ...targetOf(aim.target), ...(topics && { topics }) }
    }
    case 'each':
      return {
        to: 'offsets',
        offsets: aim.offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
      }
    case 'snapshot':
      return { to: 'snapshot', ...(aim.id !== null && { snapshot: aim.id }) }
  }
}

function targetOf(target: ComputedTarget): object {
  switch (target.kind) {
    case 'offset':
    case 'shift':
      return { to: target.kind, [target.kind]: target.by }
    case 'time':
      return { to: 'time', time: Math.max(0, target.at) }
    default:
      return { to: target.kind }
  }
}

function waitingText(members: number, waitsMs: number): string {
  return `Waiting for ${counted(members, 'member')} to hand over, ${durationText(waitsMs)} at most.\n`
}

function doneText({ memberCount, fenced }: GroupReset, waitedMs: number): string {
  const told = [
    'Done.',
    ...(memberCount > fenced.length ? [`${counted(memberCount - fenced.length, 'member')} handed over.`] : []),
    ...(fenced.length > 0 ? [putOutText(fenced, waitedMs)] : []),
  ]
  return told.join(' ')
}

/** Who had to say --live will have to say it again. */
function undoText(groupId: string, { snapshot }: GroupReset, isLive: boolean, options: GlobalOptions): string {
  const names = [groupId, ...(snapshot === null ? [] : [String(snapshot)])]
  const flags = [...(isLive ? ['--live'] : []), ...whereFlags(options)]
  return `\`${commandText('group undo', names, flags)}\``
}

function putOutText(members: readonly StoryMember[], waitedMs: number): string {
  const [was, has] = members.length === 1 ? ['was', 'has'] : ['were', 'have']
  const late = waitedMs === 0 ? '' : `, who had not handed over within ${durationText(waitedMs)},`
  return `${namesOf(members)}${late} ${was} put out, and ${has} to join again.`
}
