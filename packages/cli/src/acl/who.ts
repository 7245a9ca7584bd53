import { type Command, InvalidArgumentError } from 'commander'
import { UsageError } from '../failure.js'

/** Whom ACLs speak of, and from where. */
export interface WhoOptions {
  principal?: string[]
  host?: string[]
}

export function addWhoOptions(command: Command): Command {
  return command
    .option('--principal <type:name>', "User:alice; 'User:*' is everybody; again for more", principals)
    .option('--host <address>', 'the address that they come from, again for more (default: any)', hosts)
}

function principals(word: string, before: readonly string[] = []): string[] {
  return [...before, principal(word)]
}

export function principal(word: string): string {
  if (/^[^:]+:./s.test(word)) return word
  throw new InvalidArgumentError(`Write it with its type: User:${word.replace(/^.*:/, '') || 'alice'}.`)
}

function hosts(word: string, before: readonly string[] = []): string[] {
  return [...before, host(word)]
}

/** Brokers compare texts: no names of hosts, no networks. */
export function host(word: string): string {
  if (word === '*' || /^\d{1,3}(\.\d{1,3}){3}$/.test(word) || /^[\da-f:.]*:[\da-f:.]*(%\w+)?$/i.test(word)) return word
  throw new InvalidArgumentError('It must be one address as brokers see it (10.0.0.7, ::1), or * for any.')
}

/** Throws for a type of principal that is none but for a capital letter: a rule for it would be there, and never count. */
export function mustBeAType(name: string): void {
  const type = name.slice(0, name.indexOf(':'))
  if (type !== 'User' && type.toLowerCase() === 'user')
    throw new UsageError(`Principals are told apart by capital letters: write User:${name.slice(type.length + 1)}.`)
}
