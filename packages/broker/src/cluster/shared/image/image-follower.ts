import type { Clock } from '@rivven/runtime'
import { isPassing, UnavailableError } from '../../../database/database-error.js'
import type { Metadata } from '../../../database/metadata.js'
import { type ClusterImage, emptyImage } from '../../image.js'
import { CALL_MS, RETRY_MS } from '../cluster-times.js'
import { passed, within } from '../insist.js'
import { imageOf } from './image-of-rows.js'
import { type ChangedRows, ImageRows, type RowChanges } from './image-rows.js'

export interface ImageFollowerOptions {
  readonly metadata: Metadata
  readonly clock: Clock
  /** The version went back: the database was restored, and may have lost its end. The image is that of now already. */
  onRestored(): void
}

type Listener = (now: ClusterImage, before: ClusterImage, changed: ChangedRows) => void

interface Waiter {
  readonly version: number
  readonly reached: () => void
  readonly failed: (error: Error) => void
}

/** Rows of deleted topics are there for an hour: whoever has heard nothing for this long asks for everything. */
const TOO_LONG_MS = 30 * 60_000

/**
 * The image of what the database says. Somebody says which version it has (a notice, the answer to a renewal, or to a statement), and
 * what has changed since is asked for. What a statement of this broker answers counts at once.
 */
export class ImageFollower {
  image: ClusterImage = emptyImage
  rows = new ImageRows()
  clusterId = ''
  readonly #options: ImageFollowerOptions
  readonly #listeners: Listener[] = []
  #waiters: Waiter[] = []
  /** All changes up to it are in the image; later ones may be. */
  #version = -1
  #wanted = -1
  #heardAt = 0
  #isFollowing = false
  #isStopped = false

  constructor(options: ImageFollowerOptions) {
    this.#options = options
  }

  /** Asks for everything. Rejects where that fails. */
  async start(): Promise<void> {
    await this.#ask()
  }

  /** Whoever waits for a version is sent away: it does not come here any more. */
  stop(): void {
    this.#isStopped = true
    for (const { failed } of this.#waiters.splice(0)) failed(hasLeft())
  }

  /** @throws UnavailableError once stopped: who cannot see what became of a change makes none */
  mustFollow(): void {
    if (this.#isStopped) throw hasLeft()
  }

  /** Called in the order in which they came. Returns how to stop. */
  onChange(listener: Listener): () => void {
    this.#listeners.push(listener)
    return () => this.#listeners.splice(this.#listeners.indexOf(listener), 1)
  }

  /** The metadata have reached a version. */
  heard(version: number): void {
    this.#wanted = Math.max(this.#wanted, version)
    if (this.#isFollowing) return
    this.#isFollowing = true
    void this.#follow().finally(() => {
      this.#isFollowing = false
    })
  }

  /** Resolves when all changes up to a version are in the image. Rejects with UnknownOutcomeError after five seconds, and once stopped. */
  reach(version: number): Promise<void> {
    if (version <= this.#version) return Promise.resolve()
    if (this.#isStopped) return Promise.reject(hasLeft())
    const reached = new Promise<void>((resolve, reject) =>
      this.#waiters.push({ version, reached: resolve, failed: reject }),
    )
    this.heard(version)
    return within(this.#options.clock, CALL_MS, reached)
  }

  /** Resolves when all that was changed before now is in the image; rejects where the database cannot be asked. */
  refresh(): Promise<void> {
    return this.#ask()
  }

  /** What the answer of a statement of this broker said. */
  apply(changes: RowChanges): void {
    this.#show(this.rows.merge(changes), this.#version)
  }

  async #follow(): Promise<void> {
    while (this.#version < this.#wanted && !this.#isStopped) {
      try {
        await this.#ask()
      } catch (error) {
        if (!isPassing(error)) throw error
        await passed(this.#options.clock, RETRY_MS)
      }
    }
  }

  async #ask(): Promise<void> {
    const { metadata, clock } = this.#options
    const askedAt = clock.monotonic()
    const isAnew = this.#version < 0 || askedAt - this.#heardAt > TOO_LONG_MS
    const since = this.#version
    const changes = await within(clock, CALL_MS, metadata.changesSince(isAnew ? 0 : since))
    if (changes.version < since && since === this.#version) return this.#restored()
    if (changes.version < this.#version) return
    this.clusterId = changes.clusterId
    this.#heardAt = askedAt
    if (isAnew) this.#showAnew(changes, changes.version)
    else this.#show(this.rows.merge(changes), changes.version)
  }

  async #restored(): Promise<void> {
    this.#version = -1
    this.#wanted = 0
    await this.#ask()
    this.#options.onRestored()
  }

  #showAnew(changes: RowChanges, version: number): void {
    const old = this.rows
    this.rows = new ImageRows()
    const { brokers, topics, documents } = this.rows.merge(changes)
    const goneTopics = [...old.topics.keys()].filter((id) => !this.rows.topics.has(id))
    this.#show(
      { brokers: brokers || old.brokers.size > 0, topics: new Set([...topics, ...goneTopics]), documents },
      version,
    )
  }

  #show(changed: ChangedRows, version: number): void {
    const before = this.image
    this.#version = version
    this.image = imageOf(this.rows, changed, before, version)
    const hasChanged = changed.brokers || changed.topics.size > 0 || changed.documents.size > 0
    if (hasChanged) for (const listener of [...this.#listeners]) listener(this.image, before, changed)
    const [reached, waiting] = [[] as Waiter[], [] as Waiter[]]
    for (const waiter of this.#waiters) (waiter.version <= version ? reached : waiting).push(waiter)
    this.#waiters = waiting
    for (const waiter of reached) waiter.reached()
  }
}

function hasLeft(): UnavailableError {
  return new UnavailableError('This broker has left the cluster.')
}
