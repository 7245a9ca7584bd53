import { type Api, ApiVersions, ownApis, Produce } from '@rivven/protocol'
import type { AdvertisedApi, Handler } from '../handlers/handler.js'
import { rightsOf } from '../handlers/rights/api-rights.js'
import { elementLimit } from './element-limits.js'

/** Which handler answers which API, and what of it is advertised. */
export class Router {
  /** Of Kafka's APIs, whose keys are small. */
  readonly #byKey: (Handler | undefined)[] = []
  readonly #own = new Map<number, Handler>()
  readonly #maxElements = new Map<number, number>()

  /** `maxElements`: how many elements a request may have; single APIs take fewer (element-limits.ts). */
  constructor(handlers: readonly Handler[], maxElements: number) {
    for (const handler of handlers) {
      if (!rightsOf(handler.api.name)) throw new Error(`${handler.api.name} has no row in handlers/rights/api-rights`)
      const { key } = handler.api
      if (ownApis.includes(handler.api)) this.#own.set(key, handler)
      else this.#byKey[key] = handler
      this.#maxElements.set(key, elementLimit(handler.api, maxElements) ?? maxElements)
    }
  }

  /** How many elements all arrays of a request of this API may have together. */
  maxElements({ key }: Api): number {
    return this.#maxElements.get(key) ?? 0
  }

  /** The handler of an API, or undefined where that API or that version is not served. */
  find(apiKey: number, apiVersion: number): Handler | undefined {
    const handler = this.#at(apiKey)
    if (!handler) return undefined
    const { min, max } = handler.api.versions
    return apiVersion >= min && apiVersion <= max ? handler : undefined
  }

  /** Why `find` found nothing, for the log. */
  refusal(apiKey: number, apiVersion: number): string {
    const handler = this.#at(apiKey)
    return handler ? `${handler.api.name} has no version ${apiVersion} here` : `there is no API ${apiKey} here`
  }

  /** Clients choose the highest common version, so only what a handler stands behind is named (data-plane.md §5). */
  get advertised(): AdvertisedApi[] {
    return this.#byKey.flatMap((handler) => (handler ? [advertisedOf(handler.api)] : []))
  }

  /** What only clients of ours are told of. */
  get own(): AdvertisedApi[] {
    return Array.from(this.#own.values(), ({ api }) => advertisedOf(api))
  }

  #at(apiKey: number): Handler | undefined {
    if (apiKey < 0) return undefined
    return apiKey < this.#byKey.length ? this.#byKey[apiKey] : this.#own.get(apiKey)
  }
}

function advertisedOf({ key, versions }: Api): AdvertisedApi {
  // librdkafka before 2.11.1 compresses only if Produce is advertised from 0 on (KAFKA-18659); 0 to 2 are refused.
  const minVersion = key === Produce.key ? 0 : versions.min
  return { apiKey: key, minVersion, maxVersion: versions.max }
}

/** ApiVersions of an unknown version is answered all the same, in version 0 (KIP-511). */
export function asksUnknownApiVersions(apiKey: number, apiVersion: number): boolean {
  return apiKey === ApiVersions.key && apiVersion > ApiVersions.versions.max
}
