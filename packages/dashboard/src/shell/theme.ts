import { signal } from '@preact/signals'

export type Theme = 'auto' | 'light' | 'dark'

const kept = 'rivven.theme'
const themes: readonly Theme[] = ['auto', 'light', 'dark']

/** As it was chosen; auto: as the browser has it. */
export const theme = signal<Theme>(read())

export function beginTheme(): void {
  show(theme.peek())
}

export function nextTheme(): void {
  const next = themes[(themes.indexOf(theme.peek()) + 1) % themes.length] ?? 'auto'
  theme.value = next
  show(next)
  try {
    localStorage.setItem(kept, next)
  } catch {
    // A browser may keep nothing: then it is chosen anew each time.
  }
}

function show(chosen: Theme): void {
  if (chosen === 'auto') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.setAttribute('data-theme', chosen)
}

function read(): Theme {
  try {
    const stored = localStorage.getItem(kept)
    return themes.find((one) => one === stored) ?? 'auto'
  } catch {
    return 'auto'
  }
}
