import type { Disk } from '@rivven/runtime'
import { tokenAuthority } from '../security/token-authority.js'
import { authority } from './authority.js'

/** Paths that no file system has: what a broker in a test reads there never touches a disk. */
export const certificateFiles = {
  ca: 'rivven-testing:ca.pem',
  certificate: 'rivven-testing:broker.pem',
  key: 'rivven-testing:broker.key',
  tokenKeys: 'rivven-testing:tokens.json',
} as const

const contents: ReadonlyMap<string, () => string> = new Map([
  [certificateFiles.ca, () => authority().ca],
  [certificateFiles.certificate, () => authority().broker.cert],
  [certificateFiles.key, () => authority().broker.key],
  [certificateFiles.tokenKeys, () => tokenAuthority().keySet],
])

/** The same disk, on which these files are, too. */
export function withCertificateFiles(disk: Disk): Disk {
  return {
    ...disk,
    readFile: async (path) => {
      const content = contents.get(path)
      return content ? Buffer.from(content()) : disk.readFile(path)
    },
  }
}
