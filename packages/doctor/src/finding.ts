import type { ConfigLine } from './clients/config-lines.js'

/** critical: records are lost or not handled, or soon will be. warning: it will get worse, or costs much. info: good to know. */
export const severities = ['critical', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

/** How `value` is meant: `time` is milliseconds since 1970, `s` a duration. Null: a name, or a plain count. */
export type Unit = 's' | 'time' | 'records' | 'records/s' | 'bytes' | '%' | null

/** One fact that a finding rests on, as "oldest record waits: 724 s". */
export interface Evidence {
  readonly text: string
  readonly value: number | string
  readonly unit: Unit
}

/** What is ill. */
export interface Subject {
  readonly group?: string
  readonly member?: string
  readonly topic?: string
  readonly partition?: number
}

/** What a check has found. */
export interface Found {
  readonly severity: Severity
  readonly subject?: Omit<Subject, 'group'>
  /** Milliseconds since 1970. Default null: not known. */
  readonly since?: number | null
  /** One sentence that somebody on call understands. */
  readonly title: string
  readonly evidence: readonly Evidence[]
  /** What to do, in words. */
  readonly remedy: string
  /** Lines of clients' configuration, each in the spelling of its client. Default: none. */
  readonly config?: readonly ConfigLine[]
  /** To be pasted into a shell. Default: none. */
  readonly commands?: readonly string[]
}

/** The same, complete, as programs get it. */
export interface Finding extends Required<Omit<Found, 'subject'>> {
  /** Id of the check. */
  readonly check: string
  readonly subject: Subject
  /** The place in the docs that says more. */
  readonly docs: string
}
