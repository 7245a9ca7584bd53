import { type Command, InvalidArgumentError } from 'commander'
import { operations } from '../acl/operations.js'
import { addPatternOptions, addResourceOptions } from '../acl/resources.js'
import { addWhoOptions, host, principal } from '../acl/who.js'
import type { Run } from '../command-line.js'
import { allow, deny } from './acl-allow.js'
import { explainAcls } from './acl-explain.js'
import { listAcls } from './acl-list.js'
import { removeAcls } from './acl-remove.js'

export function addAclCommands(program: Command, run: Run): void {
  const acl = program.command('acl').description('see and change what users may do')
  addWhoOptions(addPatternOptions(acl.command('list')))
    .option('--matching <name>', 'all that count for a topic, group or transactional id of this name')
    .description('ACLs: all, or those with these names')
    .action(run(listAcls))
  addChangeOptions(acl.command('allow'))
    .option('--producer', 'what a producer needs: write, describe and create its topics, use its transactional ids')
    .option('--consumer', 'what a consumer needs: read and describe its topics, read its group')
    .description('let users do something')
    .action(run(allow))
  addChangeOptions(acl.command('deny'))
    .description('keep users from something, whatever else allows it')
    .action(run(deny))
  addChangeOptions(acl.command('remove'))
    .option('--producer', 'what `acl allow --producer` has made')
    .option('--consumer', 'what `acl allow --consumer` has made')
    .option('--permission <allow|deny>', 'only those that allow, or deny', permission)
    .option('-y, --yes', 'do not ask')
    .description('remove ACLs; what goes is shown first')
    .action(run(removeAcls))
  addResourceOptions(acl.command('explain'))
    .requiredOption('--principal <type:name>', 'who: User:alice', principal)
    .requiredOption('--operation <operation>', 'what: write', operations)
    .option('--host <address>', 'from where (default: an address that no ACL names)', host)
    .description('whether a user may do something, and which ACL decides')
    .action(run(explainAcls))
}

function addChangeOptions(command: Command): Command {
  return addWhoOptions(addPatternOptions(command)).option(
    '--operation <operations>',
    'what: read, write, create, delete, alter, describe, … or all; several with commas between',
    operations,
  )
}

function permission(word: string): 'ALLOW' | 'DENY' {
  if (/^allow$/i.test(word)) return 'ALLOW'
  if (/^deny$/i.test(word)) return 'DENY'
  throw new InvalidArgumentError('It must be allow or deny.')
}
