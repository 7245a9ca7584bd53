import { passwordOf } from '../../support/passwords.js'

// First messages of a login with which nobody comes in: security.md §16, S7 and S8.

/** A message of PLAIN, in one part or many. */
export const plainOf = (...parts: string[]) => Buffer.from(parts.join('\0'))

/** [row, mechanism, first message]; `bob` is a user. */
export const badTokens: readonly [string, string, Buffer][] = [
  ['S7', 'PLAIN', plainOf()],
  ['S7', 'PLAIN', plainOf('bob')],
  ['S7', 'PLAIN', plainOf('bob', passwordOf('bob'))],
  ['S7', 'PLAIN', plainOf('', 'bob', passwordOf('bob'), '')],
  ['S7', 'PLAIN', plainOf('', '', passwordOf('bob'))],
  ['S7', 'PLAIN', plainOf('', 'bob', '')],
  ['S7', 'PLAIN', plainOf('admin', 'bob', passwordOf('bob'))],
  ['S7', 'PLAIN', Buffer.from('00626f6200ff', 'hex')],
  ['S7', 'PLAIN', plainOf('', 'bob', 'x'.repeat(500 * 1024))],
  ['S8', 'SCRAM-SHA-256', Buffer.from('y,,n=bob,r=abc')],
  ['S8', 'SCRAM-SHA-256', Buffer.from('p=tls-unique,,n=bob,r=abc')],
  ['S8', 'SCRAM-SHA-256', Buffer.from('n,,r=abc')],
  ['S8', 'SCRAM-SHA-256', Buffer.from('n,,n=a=b,r=abc')],
  ['S8', 'SCRAM-SHA-256', Buffer.from('n,,m=x,n=bob,r=abc')],
  ['S8', 'SCRAM-SHA-256', Buffer.from('n,,n=bob,r=')],
  ['S8', 'SCRAM-SHA-256', Buffer.from('')],
]
