import type { Group } from '../group.js'
import type { Election, RefusedProtocol } from '../rebalance-note.js'
import { isCommon } from './voting.js'

const mostRefused = 10

/** How the protocol of a generation was chosen, and why each other that a member listed was not. */
export function electionOf(group: Group, votes: ReadonlyMap<string, number>): Election {
  const elected = group.protocolName
  const refused: RefusedProtocol[] = []
  for (const name of group.supportedProtocols.keys()) {
    if (name === elected) continue
    if (refused.length === mostRefused) break
    refused.push({ name, because: isCommon(group, name) ? fewerVotes(votes, name, elected) : whoLacks(group, name) })
  }
  return { elected, votes: Object.fromEntries(votes), refused }
}

function fewerVotes(votes: ReadonlyMap<string, number>, name: string, elected: string | null): string {
  const own = votes.get(name) ?? 0
  const most = votes.get(elected ?? '') ?? 0
  return own === most
    ? `as many votes as ${elected}, which had its first vote earlier`
    : `fewer votes (${own} of ${most})`
}

function whoLacks(group: Group, name: string): string {
  const lacking = group.members.size - (group.supportedProtocols.get(name) ?? 0)
  for (const { protocols, memberId, groupInstanceId, clientId } of group.members.values()) {
    if (protocols.some((protocol) => protocol.name === name)) continue
    const named = `${clientId} (${groupInstanceId ?? memberId})`
    return lacking === 1 ? `${named} does not support it` : `${named} and ${lacking - 1} more do not support it`
  }
  return 'not all members support it'
}
