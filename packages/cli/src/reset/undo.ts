import type { GlobalOptions } from '../context.js'
import { type Change, isReal } from './change.js'

/** The command that takes a reset back, ready to be pasted into a shell: offsets come by a here-document. */
export function undoCommand(groupId: string, changes: readonly Change[], options: GlobalOptions): string {
  const where = [
    ...(options.bootstrapServers === undefined ? [] : ['-b', quoted(options.bootstrapServers)]),
    ...(options.config === undefined ? [] : ['--config', quoted(options.config)]),
  ]
  const command = ['rivvenctl', ...where, 'group reset-offsets', quoted(groupId), '--from-file -'].join(' ')
  const lines = changes
    .filter(isReal)
    .map(({ topic, partition, oldOffset }) => `${topic},${partition},${oldOffset ?? 'none'}\n`)
  return `${command} <<'END'\n${lines.join('')}END\n`
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
