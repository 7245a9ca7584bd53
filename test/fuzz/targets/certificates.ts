import { X509Certificate } from 'node:crypto'
import { ConfigError } from '@rivven/config'
import { Finding, type Target } from '../harness/target.js'
import { inside } from '../inside.js'
import { vectorFile } from './vectors.js'

type Principals = typeof import('../../../packages/broker/dist/src/security/principals/certificate-principal.js')
type Rules = typeof import('../../../packages/broker/dist/src/security/principals/mapping-rules.js')
type Der = typeof import('../../../packages/broker/dist/src/security/principals/der.js')

interface PrincipalVectors {
  readonly certificates: readonly { pem: string }[]
  readonly mapped: readonly { rules: string; name: string }[]
  readonly badRules: readonly string[]
}

/** Certificates of clients, their names, and the rules that make users of them. */
export async function certificateTargets(): Promise<Target[]> {
  const { certificatePrincipal } = await inside<Principals>('broker/src/security/principals/certificate-principal.js')
  const { MappingRules } = await inside<Rules>('broker/src/security/principals/mapping-rules.js')
  const { derValues, oidText, DerError } = await inside<Der>('broker/src/security/principals/der.js')
  const vectors = vectorFile<PrincipalVectors>('broker/vectors/principals.json')
  const certificates = vectors.certificates.map(({ pem }) => new X509Certificate(pem).raw)
  const all = new MappingRules('DEFAULT')
  return [
    {
      name: 'certificates/principal',
      seeds: certificates,
      refusals: [],
      run: (input) => {
        const principal = certificatePrincipal(input, all)
        if (principal.kind === 'named' && !principal.principal.startsWith('User:'))
          throw new Finding(principal.principal)
        return principal.kind === 'named'
      },
    },
    {
      name: 'certificates/DER',
      seeds: [...certificates.slice(0, 3), Buffer.from('06032a0304', 'hex'), Buffer.from('30053003020101', 'hex')],
      refusals: [DerError],
      // Two bytes are a value, and that is an object, as in messages; its text is another.
      mayAllocate: (input) => input.length * 64 + 256 * 1024,
      run: (input) => {
        for (const value of derValues(input)) if (value.tag === 6) oidText(value)
        return true
      },
    },
    {
      name: 'certificates/mapping rules',
      // Patterns are the operator's: what they cost is, too. So names are short here.
      seeds: [...vectors.mapped.map(({ rules, name }) => `${rules}\0${name}`), ...vectors.badRules]
        .slice(0, 200)
        .map((text) => Buffer.from(text)),
      words: ['RULE:', 'DEFAULT', '/L', '/U', '$1', '(.*?)', '[^,]*', '^CN=', ',', '\\/', '\\'],
      refusals: [ConfigError],
      mayTakeMs: 2000,
      run: (input) => {
        const [rules = '', name = ''] = input.toString().split('\0')
        return new MappingRules(rules).apply(name.slice(0, 16)) !== undefined
      },
    },
  ]
}
