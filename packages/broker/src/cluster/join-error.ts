/** This broker cannot be a member of its cluster; the message says what a user can do. */
export class JoinError extends Error {
  override readonly name = 'JoinError'
}
