import type { ComponentChildren } from 'preact'
import { Command } from '../parts/copy.js'

/** There is nothing, and what to type so that there is. */
export function Empty({ title, children, command }: { title: string; children?: ComponentChildren; command?: string }) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
      {command !== undefined && (
        <p>
          <Command command={command} />
        </p>
      )}
    </section>
  )
}
