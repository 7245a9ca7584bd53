import { type Admin, RivvenError, type ScramMechanism } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { listed } from '../text/words.js'

export const mechanisms: readonly ScramMechanism[] = ['scram-sha-256', 'scram-sha-512']

/** How costly guessing is, by mechanism. */
export type Credentials = ReadonlyMap<ScramMechanism, number>

/** What a user logs in by; empty where there is no such user. */
export async function credentialsOf(admin: Admin, user: string): Promise<Credentials> {
  try {
    const [found] = await admin.describeUsers([user])
    const counts = new Map(found?.credentials.map(({ mechanism, iterations }) => [mechanism, iterations]))
    return new Map([...counts].sort(([a], [b]) => mechanisms.indexOf(a) - mechanisms.indexOf(b)))
  } catch (error) {
    if (error instanceof RivvenError && error.code === 'RESOURCE_NOT_FOUND') return new Map()
    throw error
  }
}

export function mustBeThere(user: string, has: Credentials): Credentials {
  if (has.size > 0) return has
  throw new Failure('absent', `There is no user ${user}. \`rivvenctl user list\` shows which there are.`)
}

/** A request names each user once, so what is meant for two mechanisms may come to an end between them. */
export async function forEachMechanism(
  { terminal }: CommandContext,
  all: readonly ScramMechanism[],
  change: (mechanism: ScramMechanism) => Promise<void>,
): Promise<void> {
  for (const [done, mechanism] of all.entries()) {
    try {
      await change(mechanism)
    } catch (error) {
      if (done > 0) terminal.words(`Done for ${listed(all.slice(0, done))} only.\n`)
      throw error
    }
  }
}

/** Kafka ends no session because its password has changed. */
export function stays(user: string): string {
  return `Who is logged in as ${user} stays so until its connection or its session ends.`
}
