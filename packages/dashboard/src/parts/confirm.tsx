import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { visible } from '../text/visible.js'

export interface ConfirmProps {
  /** What must be typed: the name of what is changed. */
  readonly name: string
  /** What the button says. */
  readonly what: string
  readonly label: string
  confirm(): void
  /** Other ways out. */
  readonly children?: ComponentChildren
}

/** A button for what must not be pressed by mistake: it waits until the name is typed, as it is shown. */
export function Confirm({ name, what, label, confirm, children }: ConfirmProps) {
  const typed = useSignal('')
  const shown = visible(name)
  const isMeant = typed.value === shown
  return (
    <form
      class="actions"
      onSubmit={(event) => {
        event.preventDefault()
        if (isMeant) confirm()
      }}
    >
      <label>
        {label}{' '}
        <input
          value={typed.value}
          placeholder={shown}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value
          }}
        />
      </label>
      <button type="submit" class="primary" disabled={!isMeant}>
        {what}
      </button>
      {children}
    </form>
  )
}
