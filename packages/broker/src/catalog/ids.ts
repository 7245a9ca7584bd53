import type { Random } from '@rivven/runtime'

/** A new id of a topic or a cluster: a random UUID as 22 characters of base64url, none that tools take for an option. */
export function newId(random: Random): string {
  for (;;) {
    const id = Buffer.from(random.uuid().replaceAll('-', ''), 'hex').toString('base64url')
    if (!id.startsWith('-')) return id
  }
}
