/**
 * Node's errors of what is open already do not name the file: 'ENOSPC: no space left on device, write'. This one does, in
 * its `path` and its message.
 */
export function atPath(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || 'path' in error) return error
  error.message += ` '${path}'`
  return Object.assign(error, { path })
}
