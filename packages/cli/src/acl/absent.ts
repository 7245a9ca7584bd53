import { type Admin, RivvenError } from '@rivven/client'
import type { Resource } from './resources.js'

/**
 * A line about each topic and user that ACLs name and that is not there: they may come yet, or come otherwise, so nothing is
 * refused; but most often they are mistyped.
 */
export async function wordsOnAbsent(
  admin: Admin,
  principals: readonly string[],
  resources: readonly Resource[],
): Promise<string> {
  const lines = await Promise.all([absentTopics(admin, resources), absentUsers(admin, principals)])
  return lines
    .flat()
    .map((line) => `${line}\n`)
    .join('')
}

async function absentTopics(admin: Admin, resources: readonly Resource[]): Promise<string[]> {
  const topics = resources.filter(({ resourceType, resourceName }) => resourceType === 'TOPIC' && resourceName !== '*')
  if (topics.length === 0) return []
  const there = ((await seen(() => admin.listTopics())) ?? []).map(({ name }) => name)
  return topics
    .filter(({ patternType, resourceName: name }) =>
      patternType === 'PREFIXED' ? !there.some((topic) => topic.startsWith(name)) : !there.includes(name),
    )
    .map(({ patternType, resourceName: name }) => {
      const what = patternType === 'PREFIXED' ? `no topic that begins with ${name}` : `no topic ${name}`
      return `There is ${what} yet, or none that you may see.`
    })
}

/** `*` is everybody, ANONYMOUS nobody in particular, and a name with `=` in it is that of a certificate. */
async function absentUsers(admin: Admin, principals: readonly string[]): Promise<string[]> {
  const names = principals
    .filter((principal) => /^User:(?!\*$|ANONYMOUS$)[^=]+$/s.test(principal))
    .map((principal) => principal.slice('User:'.length))
  if (names.length === 0) return []
  const users = await seen(() => admin.describeUsers())
  if (users === null) return []
  const there = new Set(users.map(({ user }) => user))
  return names
    .filter((name) => !there.has(name))
    .map(
      (name) =>
        `No user ${name} has a password for SCRAM here: right if it logs in by another way, as a certificate or a token.`,
    )
}

/** null where one may not look, or the broker does not know of such things: then nothing is said. */
async function seen<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof RivvenError && !error.retriable) return null
    throw error
  }
}
