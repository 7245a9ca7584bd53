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

/** Brokers write an address as Java does: `/10.0.0.1`. */
export function hostOf(member: StoryMember): string {
  return member.clientHost.replace(/^\//, '') || 'an unknown host'
}

/** Member ids end in a UUID: its first digits tell members apart. */
export function shortId(id: string): string {
  return id.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, '$1…')
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(words: readonly string[], most = 5, count = words.length): string {
  const shown = words.slice(0, most)
  const more = count - shown.length
  const all = more > 0 ? [...shown, `${more} more`] : shown
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** Breaks a text into lines between its words. */
export function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
