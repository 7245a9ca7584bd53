import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { after } from '../world/clock.js'

/** A button that puts a command into the clipboard: what is shown can be had in a shell as well. */
export function Copy({ command, children }: { command: string; children?: ComponentChildren }) {
  const said = useSignal('')
  const copy = (event: Event): void => {
    event.stopPropagation()
    copied(command).then((isDone) => {
      said.value = isDone ? 'copied' : 'not allowed here'
      after(1500, () => {
        said.value = ''
      })
    })
  }
  return (
    <button type="button" class="copy" title={command} aria-label={`Copy the command: ${command}`} onClick={copy}>
      {children ?? <span class="copy-sign" aria-hidden="true" />}
      {said.value !== '' && (
        <span class="copied" role="status">
          {said.value}
        </span>
      )}
    </button>
  )
}

/** Browsers give the clipboard to pages over HTTPS and on loopback alone. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** A command to read and to copy. */
export function Command({ command }: { command: string }) {
  return (
    <span class="command">
      <code>{command}</code>
      <Copy command={command} />
    </span>
  )
}
