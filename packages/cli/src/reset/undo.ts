import type { GlobalOptions } from '../settings/global-options.js'
import { whereFlags } from '../settings/where-flags.js'
import { commandText } from '../text/command-text.js'
import { type Change, isReal } from './change.js'

/** The command that takes a reset back, ready to be pasted into a shell: offsets come by a here-document. */
export function undoCommand(
  groupId: string,
  changes: readonly Change[],
  options: GlobalOptions,
  flags: readonly string[] = [],
): string {
  const command = commandText('group reset-offsets', [groupId], ['--from-file', '-', ...flags, ...whereFlags(options)])
  const lines = changes
    .filter(isReal)
    .map(({ topic, partition, oldOffset }) => `${topic},${partition},${oldOffset ?? 'none'}\n`)
  return `${command} <<'END'\n${lines.join('')}END\n`
}
