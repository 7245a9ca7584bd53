import { Command } from 'commander'
import { addGlobalOptions, globalOptionsOf } from '../command-line.js'
import type { GlobalOptions } from '../settings/global-options.js'

/** Where the cluster is and how one gets in, of a line that somebody is typing: names are asked of the cluster that it is about. */
export function typedOptions(line: string): GlobalOptions {
  const command = addGlobalOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  command.parseOptions(line.split(/\s+/))
  const { bootstrapServers, config, security } = globalOptionsOf(command)
  // Nobody is there to type a password.
  const { sasl_password_file: file, ...rest } = security
  return { bootstrapServers, config, security: file === undefined || file === '-' ? rest : security }
}
