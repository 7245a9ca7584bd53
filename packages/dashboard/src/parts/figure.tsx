import type { ComponentChildren } from 'preact'
import { Copy } from './copy.js'

export interface FigureProps {
  readonly label: string
  /** Written out: formats are in `text/format`. */
  readonly value: ComponentChildren
  /** The command that prints it. */
  readonly command?: string
  /** A line below it. */
  readonly note?: ComponentChildren
}

/** One number with what it is, and the command that prints it. Stands in `<Figures>`. */
export function Figure({ label, value, command, note }: FigureProps) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class="value">{value}</span>
        {command !== undefined && <Copy command={command} />}
        {note !== undefined && <span class="note">{note}</span>}
      </dd>
    </div>
  )
}

export function Figures({ children }: { children: ComponentChildren }) {
  return <dl class="figures">{children}</dl>
}
