import type { StoryMember } from '@rivven/client'

/** What people call a member: its instance id, else its client id. */
export function nameOf(member: StoryMember): string {
  return member.groupInstanceId ?? (member.clientId || member.memberId)
}

/** The name with what finds the process: member id (for `remove-member`) and host. */
export function fullNameOf(member: StoryMember): string {
  const id = member.groupInstanceId === null ? `member id ${member.memberId}` : 'static member'
  return `${nameOf(member)} (${id}, on ${hostOf(member)})`
}

/** Who asked for something and is no member: what it logged in as, what it used, and from where. */
export function askerOf(asker: StoryMember): string {
  return `${nameOf(asker)} (with ${asker.memberId || 'an unnamed client'}, on ${hostOf(asker)})`
}

/** Brokers write an address as Java does: `/10.0.0.1`. */
export function hostOf(member: StoryMember): string {
  return member.clientHost.replace(/^\//, '') || 'an unknown host'
}

/** Member ids end in a UUID: its first digits tell members apart. */
export function shortId(id: string): string {
  return id.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, '$1…')
}
