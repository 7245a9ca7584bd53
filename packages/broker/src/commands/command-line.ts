import { VERSION } from '@rivven/runtime'
import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/config-error.js'
import type { NewUser } from './add-user.js'
import type { Flags } from './flags.js'

/** What the command line asks for. */
export type Asked =
  | { readonly kind: 'serve'; readonly flags: Flags }
  | { readonly kind: 'add user'; readonly flags: Flags; readonly user: NewUser }

/** Reads the command line; ends the process where it asks for help. Throws ConfigError where it makes no sense. */
export function readCommandLine(words?: readonly string[]): Asked {
  let asked: Asked | undefined
  try {
    program((found) => {
      asked = found
    }).parse(words)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // A command that needs another word shows its help by itself.
    if (error.exitCode === 0 || error.code === 'commander.help') process.exit(error.exitCode)
    throw new ConfigError(`${error.message.replace(/^error: |\.$/g, '')}. Try rivvend --help.`)
  }
  if (asked === undefined) throw new ConfigError('Say what is to be done. Try rivvend --help.')
  return asked
}

function program(found: (asked: Asked) => void): Command {
  const collect = (word: string, words: string[] = []): string[] => [...words, word]
  const root = new Command('rivvend')
    .description('An event-streaming broker that speaks the Kafka protocol.')
    .version(VERSION)
    .option('--listen <host:port>', 'where clients connect (default 127.0.0.1:9092; port 0 takes a free one)')
    .option('--http <host:port>', 'where health, metrics and groups are shown (default 127.0.0.1:9644; off: nowhere)')
    .option('--data-dir <folder>', 'where everything is stored (default ./rivven-data)')
    .option('--storage <url>', 'the database that several brokers share, postgres://… (docs/cluster.md)')
    .option('--memory', 'store nothing: all is gone when the broker ends')
    .option('--config <file>', 'configuration file (default ./rivven.yaml, if there is one)')
    .option('--set <key=value>', 'any key of the configuration; may be repeated', collect)
  strict(root).action((flags: Flags) => found({ kind: 'serve', flags }))
  const user = strict(root.command('user')).description('users of a broker that is not running')
  strict(user.command('add'))
    .description('makes a user, or gives it another password; --data-dir says of which broker')
    .argument('<name>')
    .requiredOption('--password-file <file>', 'a file with the password; - reads it from stdin')
    .option('--mechanism <name>', 'SCRAM-SHA-256 or SCRAM-SHA-512 (default: both)')
    .option('--iterations <count>', '4096 to 16384 (default 8192)')
    .action((name: string, options: Omit<NewUser, 'name'>, command: Command) =>
      found({ kind: 'add user', flags: command.optsWithGlobals<Flags>(), user: { ...options, name } }),
    )
  return root
}

/** Errors come to the one who asked, and a word too many is one. Subcommands do not inherit that. */
function strict(command: Command): Command {
  return command
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
}
