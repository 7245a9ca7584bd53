import { randomBytes } from 'node:crypto'
import type { Disk } from '@rivven/runtime'
import { tokenAuthority } from '../security/token-authority.js'
import { authority } from './authority.js'

/** Paths that no file system has: what a broker in a test reads there never touches a disk. */
export const certificateFiles = {
  ca: 'rivven-testing:ca.pem',
  certificate: 'rivven-testing:broker.pem',
  key: 'rivven-testing:broker.key',
  tokenKeys: 'rivven-testing:tokens.json',
  brokersPassword: 'rivven-testing:brokers.password',
} as const

let password: string | undefined

/** With which brokers of a cluster log in at each other: of the process alone. */
export function brokersPassword(): string {
  password ??= randomBytes(16).toString('base64url')
  return password
}

const contents: ReadonlyMap<string, () => string> = new Map([
  [certificateFiles.ca, () => authority().ca],
  [certificateFiles.certificate, () => authority().broker.cert],
  [certificateFiles.key, () => authority().broker.key],
  [certificateFiles.tokenKeys, () => tokenAuthority().keySet],
  [certificateFiles.brokersPassword, () => brokersPassword()],
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
