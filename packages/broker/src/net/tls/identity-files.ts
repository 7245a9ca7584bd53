import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Disk, TlsIdentities, TlsIdentity } from '@rivven/runtime'
import { ConfigError } from '../../config/config-error.js'
import { namedCertificatesOf } from '../../config/named-certificates.js'
import type { ListenerValues } from '../../config/security-keys.js'

type ReadDisk = Pick<Disk, 'readFile'>

/** What the files of a listener say. */
export interface ReadIdentities {
  readonly identities: TlsIdentities
  /** When the first of its certificates is over, in ms since 1970; undefined: not known (PKCS#12). */
  readonly expiresAt: number | undefined
  /** Of its own certificate; undefined: not known. */
  readonly subject: string | undefined
}

/** A JKS file begins with it. */
const jks = Buffer.from('feedfeed', 'hex')

/** Reads certificates and keys, and checks that they fit and are not over. Throws ConfigError with what to do. */
export async function readIdentities(values: ListenerValues, disk: ReadDisk, now: number): Promise<ReadIdentities> {
  const ca = await optionalFile(disk, values.ssl_ca_location, 'ssl_ca_location')
  const crl = await optionalFile(disk, values.ssl_crl_location, 'ssl_crl_location')
  const passphrase = await keyPassword(values, disk)
  const own = { ...(await ownIdentity(values, disk, passphrase)), ca, crl }
  const named = new Map<string, TlsIdentity>()
  for (const { names, certificate, key } of namedCertificatesOf(values.ssl_certificates)) {
    const identity = await pemIdentity(disk, { certificate, key, passphrase, from: 'ssl_certificates' })
    for (const name of names) named.set(name, identity)
  }
  const certificates = [own, ...named.values()].flatMap((identity) => certificateOf(identity, now) ?? [])
  const ends = certificates.map(({ validTo }) => Date.parse(validTo))
  const expiresAt = ends.length > 0 ? Math.min(...ends) : undefined
  return {
    identities: { own, named },
    expiresAt,
    subject: own.cert === undefined ? undefined : certificates[0]?.subject,
  }
}

/** What opens the key of a listener; undefined: nothing has to. Throws ConfigError. */
export async function keyPassword(values: ListenerValues, disk: ReadDisk): Promise<string | undefined> {
  const { ssl_key_password: given, ssl_key_password_file: file } = values
  if (given && file !== '')
    throw new ConfigError('ssl_key_password and ssl_key_password_file are both set: one is enough.')
  const read = await optionalFile(disk, file, 'ssl_key_password_file')
  return given?.reveal() ?? read?.toString().replace(/\r?\n$/, '')
}

async function ownIdentity(
  values: ListenerValues,
  disk: ReadDisk,
  passphrase: string | undefined,
): Promise<TlsIdentity> {
  const { ssl_keystore_location: store, ssl_certificate_location: certificate, ssl_key_location: key } = values
  if (store === '') return pemIdentity(disk, { certificate, key, passphrase, from: 'ssl_certificate_location' })
  const pkcs12 = await file(disk, store, 'ssl_keystore_location')
  if (pkcs12.subarray(0, jks.length).equals(jks)) {
    throw new ConfigError(
      `ssl_keystore_location ${store} is a Java keystore (JKS). Make a PKCS#12 file of it: keytool -importkeystore ` +
        `-srckeystore ${store} -destkeystore ${store}.p12 -deststoretype PKCS12`,
    )
  }
  return { pkcs12, passphrase: values.ssl_keystore_password?.reveal() }
}

interface PemFiles {
  readonly certificate: string
  readonly key: string
  readonly passphrase: string | undefined
  readonly from: string
}

async function pemIdentity(disk: ReadDisk, { certificate, key, passphrase, from }: PemFiles): Promise<TlsIdentity> {
  const cert = await file(disk, certificate, from)
  const keyPem = await file(disk, key, from === 'ssl_certificates' ? from : 'ssl_key_location')
  refuseMisfit(cert, keyPem, { certificate, key, passphrase, from })
  return { cert, key: keyPem, passphrase }
}

function refuseMisfit(cert: Buffer, keyPem: Buffer, { certificate, key, passphrase, from }: PemFiles): void {
  const parsed = parse(`${from} ${certificate} is no certificate in PEM`, () => new X509Certificate(cert))
  const secret = passphrase === undefined ? {} : { passphrase }
  const hint =
    passphrase === undefined ? ', or it needs a password (ssl_key_password_file)' : ', or the password is wrong'
  const privateKey = parse(`${key} is no key in PEM${hint}`, () => createPrivateKey({ key: keyPem, ...secret }))
  if (!parsed.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      `${key} is not the key of the certificate in ${certificate}: they must have been made together.`,
    )
  }
}

/** Undefined: it lies in a PKCS#12 file, which only the TLS of the runtime reads. */
function certificateOf({ cert }: TlsIdentity, now: number): X509Certificate | undefined {
  if (cert === undefined) return undefined
  const certificate = new X509Certificate(cert)
  if (Date.parse(certificate.validTo) > now) return certificate
  const name = certificate.subject.replaceAll('\n', ', ')
  throw new ConfigError(`The certificate of ${name} is over since ${certificate.validTo}: put a new one in its place.`)
}

function parse<T>(otherwise: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new ConfigError(`${otherwise}: ${(error as Error).message}.`)
  }
}

function optionalFile(disk: ReadDisk, path: string, key: string): Promise<Buffer | undefined> {
  return path === '' ? Promise.resolve(undefined) : file(disk, path, key)
}

async function file(disk: ReadDisk, path: string, key: string): Promise<Buffer> {
  try {
    return await disk.readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ConfigError(`${key} ${path} cannot be read: ${code === 'ENOENT' ? 'it is not there' : message}.`)
  }
}
