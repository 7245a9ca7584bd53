import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { ConfigError } from '@rivven/config'
import fc from 'fast-check'
import { certificatePrincipal } from '../../src/security/principals/certificate-principal.js'
import { derValues, oidText } from '../../src/security/principals/der.js'
import { MappingRules } from '../../src/security/principals/mapping-rules.js'
import { nameText } from '../../src/security/principals/subject-name.js'
import { securityVectors } from './security-vectors.js'

interface PrincipalVectors {
  certificates: { subject: string; principal: string; pem: string }[]
  mapped: { rules: string; name: string; principal: string | null }[]
  badRules: string[]
}

const vectors = securityVectors<PrincipalVectors>('principals')
const certificateOf = (pem: string) => new X509Certificate(pem).raw
const anyName = new MappingRules('DEFAULT')

test('28 certificates have the principals that Kafka gives them', () => {
  for (const { subject, principal, pem } of vectors.certificates) {
    assert.deepEqual(certificatePrincipal(certificateOf(pem), anyName), { kind: 'named', principal }, subject)
  }
  assert.equal(vectors.certificates.length, 28)
})

test('432 names go through mapping rules as with Kafka', () => {
  for (const { rules, name, principal } of vectors.mapped) {
    const mapped = new MappingRules(rules).apply(name)
    assert.equal(mapped === undefined ? null : `User:${mapped}`, principal, `${name} through ${rules}`)
  }
  assert.equal(vectors.mapped.length, 432)
})

for (const rules of vectors.badRules) {
  test(`the rules ${rules} are refused, with an example`, () => {
    assert.throws(
      () => new MappingRules(rules),
      (error: Error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, /^ssl_principal_mapping_rules cannot be used: .* for example RULE:/)
        return true
      },
    )
  })
}

test('a pattern that V8 takes as text and cannot compile is refused, and not found out by the first client', () => {
  const pattern = `CN=(.*?),OU=${'Users'.repeat(20_000)}`
  assert.throws(() => new MappingRules(`RULE:${pattern}/$1/`), /cannot be used: .*too large/)
})

function der(tag: number, content: Uint8Array): Buffer {
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

/** A name of one attribute. */
function nameOf(oid: string, tag: number, value: Uint8Array): Buffer {
  const attribute = der(0x30, Buffer.concat([der(0x06, Buffer.from(oid, 'hex')), der(tag, value)]))
  return der(0x30, der(0x31, attribute))
}

const commonName = '550403'
const utf8 = 0x0c
const javaSays: [what: string, oid: string, tag: number, value: string | number[], text: string][] = [
  ['a # anywhere', commonName, utf8, '#a#b', 'CN=\\#a\\#b'],
  ['blanks at both ends', commonName, utf8, '  a  b ', 'CN=\\ \\ a  b\\ '],
  ['one blank', commonName, utf8, ' ', 'CN=\\ '],
  ['nothing', commonName, utf8, '', 'CN='],
  ['NUL', commonName, utf8, 'a\0b', 'CN=a\\00b'],
  ['carriage returns', commonName, utf8, '\ra\rb\r', 'CN=\\\ra\rb\\\r'],
  ['line feeds and tabs', commonName, utf8, '\na\tb\n', 'CN=\na\tb\n'],
  ['all that is escaped', commonName, utf8, 'a,b+c"d\\e<f>g;h=i', 'CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'],
  ['beyond the first plane', commonName, utf8, '🔑', 'CN=🔑'],
  ['an IA5String', commonName, 0x16, 'a@b', 'CN=a@b'],
  ['a BMPString', commonName, 0x1e, [0, 0x61], 'CN=\\00a'],
  ['a UniversalString', commonName, 0x1c, [0, 0, 0, 0x61], 'CN=#1c0400000061'],
  ['a NumericString', commonName, 0x12, '42', 'CN=#12023432'],
  ['a number', commonName, 0x02, [5], 'CN=#020105'],
  ['a street', '550409', utf8, 'v', 'STREET=v'],
  ['a domain', '0992268993f22c640119', 0x16, 'v', 'DC=v'],
  ['a given name', '55042a', utf8, 'v', '2.5.4.42=#0c0176'],
]
for (const [what, oid, tag, value, text] of javaSays) {
  test(`a name with ${what} is written as Java writes it`, () => {
    const [name] = derValues(nameOf(oid, tag, typeof value === 'string' ? Buffer.from(value) : Buffer.from(value)))
    assert.equal(nameText(name), text)
  })
}

test('object identifiers may have arcs of any size', () => {
  const [value] = derValues(der(0x06, Buffer.from('69a0c8ddd8f0d9e0b2a4c1f48ab1e7d3b2c501', 'hex')))
  assert.equal(oidText(value), '2.25.21645294001907291430724105584996295297')
  assert.equal(oidText(derValues(der(0x06, Buffer.from('883703', 'hex')))[0]), '2.999.3')
})

/** A certificate as far as anybody looks at it. */
function certificateWith(name: Buffer, version = true): Buffer {
  const before = [der(0x02, Buffer.from([1])), der(0x30, Buffer.alloc(0)), der(0x30, Buffer.alloc(0))]
  const validity = der(0x30, Buffer.alloc(0))
  const fields = [...(version ? [der(0xa0, der(0x02, Buffer.from([2])))] : []), ...before, validity, name]
  return der(0x30, der(0x30, Buffer.concat(fields)))
}

const alice = nameOf(commonName, utf8, Buffer.from('alice'))
const refusals: [what: string, certificate: Buffer, reason: RegExp][] = [
  ['an empty subject', certificateWith(der(0x30, Buffer.alloc(0))), /its subject is empty/],
  ['a text that is not UTF-8', certificateWith(nameOf(commonName, 0x14, Buffer.from([0xe9]))), /not UTF-8/],
  ['a long name', certificateWith(nameOf(commonName, utf8, Buffer.alloc(4096, 'a'))), /more than 4096 bytes/],
  ['an empty part', certificateWith(der(0x30, der(0x31, Buffer.alloc(0)))), /cannot be read/],
  ['no subject', der(0x30, der(0x30, der(0x02, Buffer.from([1])))), /cannot be read/],
  [
    'an object identifier of 100 bytes',
    certificateWith(nameOf('55'.repeat(100), utf8, Buffer.from('a'))),
    /cannot be read/,
  ],
  ['nothing in it', Buffer.alloc(0), /cannot be read/],
]
for (const [what, certificate, reason] of refusals) {
  test(`a certificate with ${what} is refused`, () => {
    const found = certificatePrincipal(certificate, anyName)
    assert.equal(found.kind, 'refused')
    assert.match(found.kind === 'refused' ? found.reason : '', reason)
  })
}

test('a certificate that no rule fits is refused', () => {
  const rules = new MappingRules('RULE:^CN=bob$/bob/')
  assert.deepEqual(certificatePrincipal(certificateWith(alice), rules), {
    kind: 'refused',
    reason: 'no rule of ssl_principal_mapping_rules fits its subject CN=alice',
  })
})

test('a certificate of the first version has its subject one field earlier', () => {
  const found = certificatePrincipal(certificateWith(alice, false), anyName)
  assert.deepEqual(found, { kind: 'named', principal: 'User:CN=alice' })
})

test('a pattern that fits the whole name replaces it once, and slashes can be part of rules', () => {
  assert.equal(new MappingRules('RULE:.*/admin/').apply('CN=a'), 'admin')
  assert.equal(new MappingRules('RULE:CN=(.*)\\/(.*)/$2\\/$1/').apply('CN=a/b'), 'b/a')
})

test('whatever a certificate holds, its principal is found or refused', () => {
  const certificates = vectors.certificates.map(({ pem }) => certificateOf(pem))
  const damaged = fc
    .tuple(
      fc.constantFrom(...certificates),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
    )
    .map(([certificate, changes, cut]) => {
      const bytes = Buffer.from(certificate)
      for (const [at, value] of changes) bytes[at] = value
      return bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length)
    })
  fc.assert(
    fc.property(damaged, (certificate) => {
      assert.ok(['named', 'refused'].includes(certificatePrincipal(certificate, anyName).kind))
    }),
    { numRuns: 3000 },
  )
})
