import {
  type GroupDescription,
  type GroupMember,
  type MemberToRemove,
  RivvenError,
  type StoryMember,
} from '@rivven/client'
import { nameOf } from '../explain/names.js'
import { commandText } from '../text/command-text.js'
import { listed } from '../text/words.js'

/** Their names, as somebody who looks for their processes knows them. */
export function namesOf(members: readonly StoryMember[]): string {
  return listed(members.map(nameOf), 10)
}

/** Offsets under a living member would be overwritten by its next commit: the coordinator does not take them either. */
export function membersText({ groupId, state, members }: GroupDescription): string {
  const [noun, them, their] = members.length === 1 ? ['member', 'it', 'its'] : ['members', 'them', 'their']
  const text = `Group "${groupId}" (${state}) has ${members.length} ${noun} (${namesOf(members)}): stop ${them} first, ${their} next commit would undo the reset. Or say --live: ${noun === 'member' ? 'it hands' : 'they hand'} over first.`
  const isStatic = members.some(({ groupInstanceId }) => groupInstanceId !== null)
  if (!isStatic) return text
  const remove = commandText('group remove-member', [groupId], ['--instance-id', 'ID'])
  return `${text} A static member stays in the group when it is stopped: \`${remove}\`.`
}

export function asLeaving({ groupInstanceId, memberId }: GroupMember): MemberToRemove {
  return groupInstanceId === null ? { memberId } : { groupInstanceId }
}

/** A coordinator did not take offsets from nobody: somebody has joined. */
export function isOfMembers(error: unknown): boolean {
  const codes = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']
  const ofDeleting = ['NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC']
  return error instanceof RivvenError && [...codes, ...ofDeleting].includes(error.code)
}
