import { linesOf } from './lines.js'
import type { Terminal } from './terminal.js'

/** Whether the person at the terminal says yes. Scripts have looked before, and are not asked. */
export async function isAgreedTo(terminal: Terminal, question: string): Promise<boolean> {
  if (!terminal.isInteractive) return true
  terminal.words(`${question} [y/N] `)
  for await (const [line] of linesOf(terminal.read('-'))) return /^y(es)?$/i.test(String(line).trim())
  return false
}
