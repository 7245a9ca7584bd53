import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { goTo } from '../route/location.js'
import { wallNow } from '../world/clock.js'
import { type Begun, type KeyAction, press } from './keymap.js'

/** Is something being typed, or does the key go with others? Then it is not ours. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  const { target } = event
  return target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
}

/** Keys of one page, by `event.key`: `{ '[': stepBack }`. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const current = useRef(keys)
  current.current = keys
  // At once: who steps on and presses the next key is not to fall between two of them.
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      const act = isTaken(event) ? undefined : current.current[event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [])
}

/** Keys that do something everywhere. */
export function useGlobalKeys(showHelp: () => void): void {
  useEffect(() => {
    let begun: Begun | undefined
    const hear = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') leaveField()
      if (isTaken(event)) return
      const pressed = press(event.key, wallNow(), begun)
      begun = pressed.begun
      if (!pressed.action) return
      event.preventDefault()
      act(pressed.action, showHelp)
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [])
}

function act(action: KeyAction, showHelp: () => void): void {
  const acts: Readonly<Record<KeyAction, () => void>> = {
    search: focusSearch,
    groups: () => goTo(['groups']),
    topics: () => goTo(['topics']),
    doctor: () => goTo(['doctor']),
    'next row': () => moveFocus(1),
    'previous row': () => moveFocus(-1),
    help: showHelp,
  }
  acts[action]()
}

/** Back to the page, where keys do something again. */
function leaveField(): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLInputElement) activeElement.blur()
}

function focusSearch(): void {
  const search = document.querySelector<HTMLInputElement>('input[type=search]')
  search?.focus()
  search?.select()
}

/** From the link of one row to that of another; Enter follows it as it does any link. */
function moveFocus(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('tbody th a')]
  const at = links.indexOf(document.activeElement as HTMLElement)
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))
  links[next]?.focus()
}
