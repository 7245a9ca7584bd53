import { type Setting, Unfit } from './setting.js'

/** A certificate for clients that ask for one of these names (SNI). */
export interface NamedCertificate {
  readonly names: readonly string[]
  /** PEM files. */
  readonly certificate: string
  readonly key: string
}

const form = 'must be a list of { names: [kafka.example], certificate: file, key: file }'

/** Such a list, as YAML has it or as JSON; kept as JSON. */
export function namedCertificates(about: string): Setting<string> {
  const read = (given: unknown): string | Unfit => {
    const list = typeof given === 'string' ? fromJson(given) : given
    return Array.isArray(list) && list.every(isNamedCertificate) ? JSON.stringify(list) : new Unfit(form)
  }
  return { type: 'list', fallback: '[]', about, read }
}

export function namedCertificatesOf(text: string): NamedCertificate[] {
  return JSON.parse(text)
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isNamedCertificate(given: unknown): given is NamedCertificate {
  const { names, certificate, key } = (given ?? {}) as Partial<Record<string, unknown>>
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  return Array.isArray(names) && names.length > 0 && names.every(isText) && isText(certificate) && isText(key)
}
