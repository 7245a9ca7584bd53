import type { OutputFormat } from '../text/output.js'

/** Options that every command takes. */
export interface GlobalOptions {
  bootstrapServers?: string
  config?: string
  output?: OutputFormat
  /** How connections are secured, by the keys of the settings. */
  security: Readonly<Record<string, string>>
}
