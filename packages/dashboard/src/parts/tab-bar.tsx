import { hrefOf } from '../route/route.js'

export interface TabBarProps {
  /** Of what: "Of this topic". */
  readonly label: string
  /** Where it lies: `['topics', name]`. */
  readonly path: readonly string[]
  readonly tabs: readonly { readonly id: string; readonly label: string }[]
  readonly current: string
}

/** What there is to see of one thing, each under an address of its own. */
export function TabBar({ label, path, tabs, current }: TabBarProps) {
  return (
    <nav class="links tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.id} href={hrefOf([...path, tab.id])} aria-current={tab.id === current ? 'page' : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  )
}
