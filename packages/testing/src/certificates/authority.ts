import { checks } from '@rivven/config'
import { refuseMisfit } from '../rivven-testing-error.js'
import { certificatePem, type Holder, keyPem, newHolder } from './certificate.js'
import { authorityExtensions, localNames, peerExtensions } from './extensions.js'

/** A certificate and its key, as PEM. */
export interface CertificateAndKey {
  readonly cert: string
  readonly key: string
}

/** An authority of the process alone: it has signed the certificates of all its brokers, and signs those of clients. */
export interface Certificates {
  /** The authority's own certificate, as PEM: whom clients have to trust. */
  readonly ca: string
  /** A client's certificate with the name CN=user, always the same for a user. */
  certFor(user: string): CertificateAndKey
}

/** Characters that a distinguished name writes in another way: the name of the user would not be found in it again. */
const userCheck = checks.fitting(
  'a name without , + " \\ < > ; = and #, and without space at its ends',
  (value) => typeof value === 'string' && /^[^,+"\\<>;=#\s]([^,+"\\<>;=#]*[^,+"\\<>;=#\s])?$/.test(value),
)

export class Authority implements Certificates {
  readonly ca: string
  readonly #self: Holder
  readonly #clients = new Map<string, CertificateAndKey>()
  #broker: CertificateAndKey | undefined

  constructor() {
    this.#self = newHolder('Rivven testing')
    this.ca = certificatePem(this.#self, this.#self, authorityExtensions(this.#self.keyId))
  }

  /** Of every broker: on this machine, whichever name or address is used. */
  get broker(): CertificateAndKey {
    this.#broker ??= this.#issue(newHolder('localhost'), [localNames()])
    return this.#broker
  }

  certFor(user: string): CertificateAndKey {
    refuseMisfit(userCheck(user, 'the user of certFor'))
    const known = this.#clients.get(user) ?? this.#issue(newHolder(user))
    this.#clients.set(user, known)
    return known
  }

  #issue(holder: Holder, extensions: readonly Buffer[] = []): CertificateAndKey {
    const all = [...peerExtensions(holder.keyId, this.#self.keyId), ...extensions]
    return { cert: certificatePem(holder, this.#self, all), key: keyPem(holder) }
  }
}

let shared: Authority | undefined

/** One for the process, made when it is first needed. */
export function authority(): Authority {
  shared ??= new Authority()
  return shared
}
