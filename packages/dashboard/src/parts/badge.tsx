import type { ApiAnswers } from '@rivven/broker'

export type Status = ApiAnswers.GroupRow['status']

/** Told by a sign and a word, too: never by colour alone. */
export const statusSigns: Readonly<Record<NonNullable<Status>, string>> = {
  OK: '✓',
  WARN: '▲',
  STALL: '◆',
  STOP: '●',
  REWIND: '◀',
}

/** How a group or a partition does; null: it was not looked at yet. */
export function StatusBadge({ status }: { status: Status }) {
  if (status === null) return <span class="badge none">not known</span>
  return (
    <span class={`badge status-${status.toLowerCase()}`}>
      <span aria-hidden="true">{statusSigns[status]}</span> {status}
    </span>
  )
}

const severitySigns = { critical: '●', warning: '▲', info: 'ℹ' } as const

export function SeverityBadge({ severity }: { severity: keyof typeof severitySigns }) {
  return (
    <span class={`badge severity-${severity}`}>
      <span aria-hidden="true">{severitySigns[severity]}</span> {severity}
    </span>
  )
}
