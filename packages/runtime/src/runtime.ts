import type { Descriptors } from './descriptors.js'
import type { LoopMeter } from './loop-delays.js'

/**
 * The outside world of a broker or a client. Production uses `nodeRuntime()`; tests and simulations bring their own.
 * Nothing but an implementation of these interfaces touches the clock, chance, sockets or files (DESIGN.md, rules).
 */
export interface Runtime {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly disk: Disk
  readonly hashing: Hashing
  readonly web: Web
  readonly background: Background
  /** Undefined, or answers undefined, where that cannot be known. */
  readonly descriptors?: () => Promise<Descriptors | undefined>
  /** Undefined where there is no event loop of one's own to measure. */
  readonly loopMeter?: () => LoopMeter
}

export interface Clock {
  /** Wall-clock time in milliseconds since 1970: for timestamps only, it may jump. */
  now(): number
  /** Milliseconds since some fixed moment; never goes back: for deadlines and durations. */
  monotonic(): number
  /**
   * Calls `callback` once, `delayMs` from now. A pending timer does not keep the process alive, but for one of 0: that is
   * work under way which lets others have their turn.
   */
  setTimer(delayMs: number, callback: () => void): Timer
}

export interface Timer {
  cancel(): void
}

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A random (version 4) UUID in its text form of 36 characters. */
  uuid(): string
}

export type Accept = (stream: ByteStream, arrival?: Arrival) => void

export interface Network {
  /**
   * Accepts connections on a TCP address, encrypted ones where `tls` is given; port 0 takes a free one. `arrival` is what
   * `tls.arrived` was called with, where it was. Rejects where the
   * address cannot be had, and with a TlsError where certificate and key cannot be used.
   */
  listen(address: Address, accept: Accept, tls?: TlsListen): Promise<Listener>
  /**
   * Opens a connection, encrypted where `tls` is given; rejects when it is refused or not there within `timeoutMs`, and with a
   * TlsError when no encrypted connection can be had.
   */
  connect(address: Address, timeoutMs: number, tls?: TlsConnect): Promise<ByteStream>
}

/** PEM: its text, or the bytes of it. */
export type Pem = string | Uint8Array

/** How whoever opens a connection encrypts it, and whom it trusts. */
export interface TlsConnect {
  /** Who may have signed the peer's certificate. Default: the authorities that Node brings along. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /** Our own certificate (its chain behind it) and its key, for peers that ask. */
  readonly cert?: Pem | undefined
  readonly key?: Pem | undefined
  /** Opens the key. */
  readonly passphrase?: string | undefined
  /** The name that the peer's certificate must bear, and that it is told (SNI). Default: the host of the address. */
  readonly servername?: string | undefined
  /** False: any certificate that such an authority signed will do, whatever its name. Default true. */
  readonly checksName?: boolean | undefined
}

/** What a listener shows of itself, and whom it trusts. */
export interface TlsIdentity {
  /** A certificate with its chain behind it, and its key; or both in a PKCS#12 file. */
  readonly cert?: Pem | undefined
  readonly key?: Pem | undefined
  readonly pkcs12?: Uint8Array | undefined
  /** Opens key or PKCS#12 file. */
  readonly passphrase?: string | undefined
  /** Who may have signed the certificates of clients, and which of these count no more. */
  readonly ca?: Pem | undefined
  readonly crl?: Pem | undefined
}

export interface TlsIdentities {
  readonly own: TlsIdentity
  /** By the name that a client asks for (SNI), `*.` in front for any first part; all others get the listener's own. */
  readonly named: ReadonlyMap<string, TlsIdentity>
}

/** How a listener encrypts. */
export interface TlsListen {
  readonly identities: TlsIdentities
  /** Requested: who has no certificate comes in as well; one that cannot be verified is refused in both cases. */
  readonly clientAuth: 'none' | 'requested' | 'required'
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
  /** Names of suites with `:` between; default: Node's. */
  readonly ciphers?: string | undefined
  readonly handshakeTimeoutMs: number
  /**
   * Called with each connection before anything of it is read: it decides when the handshake begins. Whoever
   * takes it sees to the time until then. Without it, and where a runtime cannot hold a connection back, handshakes begin at once.
   */
  arrived?(arrival: Arrival): void
  /** A client's handshake is done, and it may come in. */
  onAdmitted?(): void
  /** A client did not come in; why, for a log. */
  onRefused(remote: Address, reason: string): void
}

/** A connection that has come and is not encrypted yet. */
export interface Arrival {
  readonly remote: Address
  /** Calls back once when the peer has sent what a handshake begins with, all of it; call it once. */
  awaitHello(ready: () => void): void
  /** Begins the handshake, which is some work at once if the hello is there: `onAdmitted` or `onRefused` is told how it ends. */
  shake(): void
  /** Calls back once when the connection is gone, whether its handshake was done or not. */
  onGone(listener: () => void): void
  /** Whether the process lives on as long as this is open; by default it does. */
  keepProcess(isKept: boolean): void
  /** Closes at once; `onRefused` is not told. */
  destroy(): void
}

export interface Address {
  host: string
  port: number
}

export interface Listener {
  readonly address: Address
  /** Shows new connections other certificates; throws a TlsError, and changes nothing, where these cannot be used. */
  renew?(identities: TlsIdentities): void
  /** Stops accepting; connections that exist stay open. */
  close(): Promise<void>
  /** Whether the process lives on as long as this listens; by default it does. Only where there is a process. */
  keepProcess?(isKept: boolean): void
}

/** One connection. Bytes are read straight into memory that the reader owns, so a frame is never copied together. */
export interface ByteStream {
  readonly remote: Address
  /** The certificate that the peer has shown and that was found valid, as DER; undefined: none. */
  readonly peerCertificate?: Uint8Array | undefined
  /** Begins to read; call it once, before anything else is awaited. */
  start(sink: ByteSink): void
  pause(): void
  resume(): void
  /**
   * Writes chunks in order, with one system call where possible. The chunks must not change until they are sent: `taken` is
   * called when the operating system has them, or when the connection is gone.
   */
  write(chunks: readonly Uint8Array[], taken?: () => void): void
  /** Bytes written but not yet taken by the operating system. */
  readonly buffered: number
  /** Whether the process lives on as long as this is open; by default it does. Only where there is a process. */
  keepProcess?(isKept: boolean): void
  /** Sends what is written, then closes. */
  end(): void
  /** Closes at once. `closed` of the sink still follows, once. */
  destroy(): void
}

export interface ByteSink {
  /** Where the next bytes shall land: called before each read, must have room for one byte at least. */
  target(): Uint8Array
  /** `count` bytes were put at the start of the last target. */
  received(count: number): void
  /** All that was written has been taken: more may be written. */
  drained(): void
  /** The connection is gone; `error` is absent when the peer just ended it. Called exactly once. */
  closed(error?: Error): void
}

/** Computations that are costly on purpose, off the thread of the program where there are threads for them. */
export interface Hashing {
  /** PBKDF2 with HMAC (RFC 8018); the key is as long as the digest. */
  pbkdf2(digest: 'sha256' | 'sha512', password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Buffer>
}

/** Documents of other services. */
export interface Web {
  /**
   * Gets a document over HTTP or HTTPS. Rejects, with a reason for a log, where there is none within `timeoutMs`, where it is larger
   * than `mostBytes`, and where it is elsewhere: redirects are not followed.
   */
  get(url: URL, limits: WebLimits): Promise<Buffer>
}

export interface WebLimits {
  readonly timeoutMs: number
  readonly mostBytes: number
}

/** Files. Paths are absolute or relative to the process; errors are Node's, with their `code`. */
export interface Disk {
  /** How many operations it works on at the same time; the others wait. */
  readonly parallelism: number
  open(path: string, mode: 'read' | 'write'): Promise<DiskFile>
  readFile(path: string): Promise<Buffer>
  /**
   * Replaces a file as a whole: written beside it, synced, renamed over it, folder synced. A private one can be read by its
   * owner only, where the file system knows that.
   */
  replaceFile(path: string, content: Uint8Array, kind?: 'private'): Promise<void>
  list(folder: string): Promise<string[]>
  makeFolder(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole folder; what is not there is fine. */
  remove(path: string): Promise<void>
  /** Makes created, renamed and removed names in this folder durable. */
  syncFolder(path: string): Promise<void>
  /** Size of a file in bytes, or undefined if there is none. */
  sizeOf(path: string): Promise<number | undefined>
  /** How much room there is where a folder lies; absent, or undefined, where that cannot be known. */
  spaceAt?(path: string): Promise<DiskSpace | undefined>
}

export interface DiskSpace {
  /** Bytes that this process may still write. */
  readonly free: number
  readonly total: number
}

/** Opened with 'write': made if missing, readable too, content kept. */
export interface DiskFile {
  size(): Promise<number>
  /** Writes all chunks at `position`: when it resolves the operating system has them (nothing is durable yet). */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>
  /** The same at once, for what fits into the operating system's cache: a tenth of the cost, but it may block. */
  writeNow(chunks: readonly Uint8Array[], position: number): void
  /** Reads up to `target.length` bytes; less only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>
  /** The same at once, for a little that is likely in the operating system's cache; it may block. */
  readNow(target: Uint8Array, position: number): number
  /** Makes what was written durable (fdatasync). */
  sync(): Promise<void>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

/**
 * Work that goes on beside the program, whatever keeps that busy: on a worker thread in production, on the same thread in
 * a simulation. Inputs and messages are structured-clonable values; a SharedArrayBuffer in them is shared.
 */
export interface Background {
  start<Input, Down, Up>(
    task: BackgroundTask<Input, Down, Up>,
    input: Input,
    owner: BackgroundOwner<Up>,
  ): BackgroundHandle<Down>
}

export interface BackgroundTask<Input, Down, Up> {
  /** The compiled module that exports `run`: another thread loads it by this address. */
  readonly module: URL
  readonly run: RunTask<Input, Down, Up>
}

/** Begins the work, in a world of its own whose monotonic clock shows the same time as the owner's. */
export type RunTask<Input, Down, Up> = (
  input: Input,
  tell: (message: Up) => void,
  runtime: Runtime,
) => RunningTask<Down>

export interface RunningTask<Down> {
  received(message: Down): void
  stop(): void
}

/** Who started a task and hears of it. */
export interface BackgroundOwner<Up> {
  received(message: Up): void
  /** The task is gone, with whatever it was told; it may be started again. Called once at most. */
  failed(error: Error): void
}

/** Nothing is heard of a stopped task. */
export interface BackgroundHandle<Down> {
  tell(message: Down): void
  stop(): void
}
