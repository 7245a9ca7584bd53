import { DerError, type DerValue, derInside, derTags, derValues, oidText } from './der.js'

/** The attributes that have a keyword in RFC 2253; Java shows all others by their OID. */
const keywords = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
])

/** UTF8String, PrintableString, T61String, IA5String, GeneralString, BMPString: Java reads all of them as UTF-8. */
const textTags: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1e])

/** Strict: Java puts U+FFFD for what is none, so that different names become one. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The subject of an X.509 certificate (its DER) as Java's X500Principal.getName() has it, since Kafka's ACLs name clients like
 * that. Node's own text is another where values have `=` or attributes are rare.
 *
 * @throws DerError where it cannot be read
 */
export function subjectName(certificate: Uint8Array): string {
  const bytes = Buffer.from(certificate.buffer, certificate.byteOffset, certificate.byteLength)
  const [whole] = derValues(bytes)
  const [signed] = derInside(whole, derTags.sequence)
  const fields = derInside(signed, derTags.sequence)
  // The version is left out where it is the first one. Then: serial number, signature, issuer, validity, subject.
  const version = fields[0]?.tag === 0xa0 ? 1 : 0
  return nameText(fields[version + 4])
}

/** A distinguished name, the most specific part first. */
export function nameText(name: DerValue | undefined): string {
  return derInside(name, derTags.sequence).reverse().map(partText).join(',')
}

function partText(part: DerValue): string {
  const attributes = derInside(part, derTags.set)
  if (attributes.length === 0) throw new DerError('an empty part of a name')
  return attributes.map(attributeText).join('+')
}

function attributeText(attribute: DerValue): string {
  const [type, value] = derInside(attribute, derTags.sequence)
  const oid = oidText(type)
  const keyword = keywords.get(oid)
  if (value === undefined) throw new DerError('an attribute without a value')
  if (keyword === undefined || !textTags.has(value.tag)) return `${keyword ?? oid}=#${value.whole.toString('hex')}`
  return `${keyword}=${escaped(textOf(value))}`
}

function textOf({ content }: DerValue): string {
  try {
    return utf8.decode(content)
  } catch {
    throw new DerError('a text that is not UTF-8')
  }
}

function escaped(text: string): string {
  return text
    .replace(/[,=+<>#;"\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ \r]+|[ \r]+$/g, (blanks) => blanks.replace(/[ \r]/g, '\\$&'))
}
