/** PEM: its text, its bytes, or the file that it is in, which is read anew for each connection. */
export type PemSource = string | Uint8Array | { readonly file: string }

/** How connections are encrypted, and whom they trust. */
export interface SslOptions {
  /** Certificates of the authorities that may have signed the brokers'. Default: those that Node brings along. */
  ca?: PemSource | readonly PemSource[]
  /** This client's own certificate, its chain behind it, for brokers that ask for one; with `key`. */
  cert?: PemSource
  key?: PemSource
  /** Opens the key. */
  passphrase?: string
  /** The name that the brokers' certificates must bear. Default: the host that is connected to. */
  servername?: string
  /** `none` leaves the name of the certificate unchecked: any that such an authority signed will do. Default `https`. */
  endpointIdentificationAlgorithm?: 'https' | 'none'
  /** Always true: a certificate that nobody checks protects from nothing. */
  rejectUnauthorized?: true
}

export function isFile(source: PemSource): source is { readonly file: string } {
  return typeof source === 'object' && !(source instanceof Uint8Array)
}
