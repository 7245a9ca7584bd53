/**
 * What a user logs in with. Every password of a test over a connection ends so: `npm test` looks for that in all that tests and
 * their processes print (scripts/leaked-passwords.mjs), and fails where it is.
 */
export function passwordOf(user: string): string {
  return `${user}-secret`
}

/** One that is wrong, and shall not show either. */
export const wrongPassword = passwordOf('guessed')
