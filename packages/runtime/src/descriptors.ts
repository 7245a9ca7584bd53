/** How many descriptors (files and sockets) this process has open, and how many it may have. */
export interface Descriptors {
  readonly open: number
  readonly limit: number
}

/** What the operating system says where there are no more, and who sets the limit. */
const sentences: Readonly<Record<string, string>> = {
  EMFILE:
    'this process has as many files and sockets open as it may (EMFILE): raise its limit (`ulimit -n`, LimitNOFILE of a systemd unit, nofile of a container)',
  ENFILE: 'this machine has as many files and sockets open as it can (ENFILE): raise its limit (fs.file-max of Linux)',
}

/** What is wrong and what to do, of an error for want of descriptors; undefined: it is another one. Nothing is damaged. */
export function descriptorSentence(error: unknown): string | undefined {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === undefined ? undefined : sentences[code]
}
