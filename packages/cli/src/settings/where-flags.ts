import { quoted } from '@rivven/doctor'
import type { GlobalOptions } from './global-options.js'
import { flagsOf } from './security-flags.js'

/** The flags that led to this cluster, so that a command that is printed leads there as well. */
export function whereFlags(options: GlobalOptions): string[] {
  return [
    ...(options.bootstrapServers === undefined ? [] : ['-b', options.bootstrapServers]),
    ...(options.config === undefined ? [] : ['--config', options.config]),
    ...flagsOf(options.security),
  ]
}

/** A command of ours that somebody else has written, at this cluster. */
export function atSameCluster(command: string, options: GlobalOptions): string {
  const flags = whereFlags(options).map(quoted)
  return flags.length === 0 ? command : command.replace(/^rivvenctl /, () => `rivvenctl ${flags.join(' ')} `)
}
