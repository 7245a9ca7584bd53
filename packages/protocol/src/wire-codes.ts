/** Names for the numbers of a message, one table for both directions. */
export interface WireCodes<Name extends string> {
  /** All names, in the order of their codes. */
  readonly names: readonly Name[]
  codeOf(name: Name): number
  /** The name of a code. One that is not in the table is 'UNKNOWN', as Kafka reads it. */
  nameOf(code: number): Name
}

export function wireCodes<const Codes extends Readonly<Record<string, number>> & { readonly UNKNOWN: 0 }>(
  codes: Codes,
): WireCodes<keyof Codes & string> {
  type Name = keyof Codes & string
  const names = Object.keys(codes) as Name[]
  const byCode = new Map<number, Name>(names.map((name) => [codes[name] as number, name]))
  return {
    names,
    codeOf: (name) => codes[name] as number,
    nameOf: (code) => byCode.get(code) ?? 'UNKNOWN',
  }
}

/** The names of a table. */
export type NameOf<Codes> = Codes extends WireCodes<infer Name> ? Name : never
