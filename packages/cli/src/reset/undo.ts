import type { GlobalOptions } from '../settings/global-options.js'
import { flagsOf } from '../settings/security-flags.js'
import { commandText } from '../text/command-text.js'
import { type Change, isReal } from './change.js'

/** The command that takes a reset back, ready to be pasted into a shell: offsets come by a here-document. */
export function undoCommand(
  groupId: string,
  changes: readonly Change[],
  options: GlobalOptions,
  flags: readonly string[] = [],
): string {
  const where = [
    ...(options.bootstrapServers === undefined ? [] : ['-b', options.bootstrapServers]),
    ...(options.config === undefined ? [] : ['--config', options.config]),
    ...flagsOf(options.security),
  ]
  const command = commandText('group reset-offsets', [groupId], ['--from-file', '-', ...flags, ...where])
  const lines = changes
    .filter(isReal)
    .map(({ topic, partition, oldOffset }) => `${topic},${partition},${oldOffset ?? 'none'}\n`)
  return `${command} <<'END'\n${lines.join('')}END\n`
}
