import { type Api, contiguous, decodeBody, encodeResponse } from '@rivven/protocol'
import type { Chance } from '../harness/chance.js'
import { Mutator } from '../harness/mutator.js'
import { vectorFile } from '../targets/vectors.js'
import { honestAnswer } from './honest-answers.js'

type TinyClusters = typeof import('../../../packages/client/dist/test/support/tiny-cluster.js')
type Asked = import('../../../packages/client/dist/test/support/tiny-cluster.js').Asked
export type Cluster = InstanceType<TinyClusters['TinyCluster']>

interface Vector {
  readonly version: number
  readonly direction: string
  readonly base64: string
}

const numbers = [-1, 0, 1, 2, 79, 127, 255, 32_767, 65_535, 0x7fffffff, -0x80000000, 24 * 86_400_000, 2 ** 53 - 1]

/** Answers as it should, but for one in so many: then it lies, stutters, holds back or falls silent. */
export class HostileBroker {
  readonly #chance: Chance
  /** Honest so many times for one time that it is not; Infinity: always. */
  readonly #honesty: number
  #heldBack: (() => void)[] = []

  constructor(chance: Chance, honesty: number) {
    this.#chance = chance
    this.#honesty = honesty
  }

  /** The request's answer is sent here, whatever becomes of it. */
  take(asked: Asked): void {
    const { api, request, version } = asked
    const honest = honestAnswer(api, request, version) ?? this.#vectorOf(api, version)
    const isHonest = this.#honesty === Number.POSITIVE_INFINITY || !this.#chance.oneIn(this.#honesty)
    if (isHonest) this.#send(asked, frameOf(asked, honest))
    else this.#misbehave(asked, honest)
    const [held] = this.#heldBack.splice(0, isHonest ? 1 : 0)
    held?.()
  }

  #send({ end }: Asked, frame: Buffer): void {
    end.send(frame, this.#chance.oneIn(8) ? 1 + this.#chance.below(frame.length) : frame.length)
  }

  #misbehave(asked: Asked, honest: object): void {
    const chance = this.#chance
    const frame = frameOf(asked, honest)
    const send = (bytes: Buffer) => this.#send(asked, bytes)
    const ways: (() => void)[] = [
      () => send(framed(new Mutator(chance, [frame.subarray(4)]).next())),
      () => send(withBody(frame, new Mutator(chance, [frame.subarray(8)]).next())),
      () => send(withBody(frame, new Mutator(chance, [frame.subarray(8)]).next())),
      () => send(frameOf(asked, this.#vectorOf(asked.api, asked.version))),
      () => send(frameOf(asked, this.#spoilt(honest))),
      () => send(frameOf(asked, this.#spoilt(this.#spoilt(honest)))),
      () => send(frameOf(asked, { ...honest, throttleTimeMs: chance.pick(numbers) & 0x7fffffff })),
      () => send(withNumber(frame, 0, chance.pick(numbers))),
      () => send(withNumber(frame, 4, chance.pick(numbers))),
      () => send(frame.subarray(0, chance.below(frame.length))),
      () => send(Buffer.concat([frame, frame])),
      () => this.#heldBack.push(() => send(frame)),
      () => asked.end.close(),
      () => undefined,
    ]
    chance.pick(ways)()
  }

  /** One number, text or list in it is another. */
  #spoilt(message: object): object {
    const places: [holder: Record<string, unknown>, key: string][] = []
    const copy = structuredCopy(message, places)
    if (places.length === 0) return copy
    const [holder, key] = this.#chance.pick(places)
    const value = holder[key]
    if (typeof value === 'number') holder[key] = this.#chance.pick(numbers)
    else if (typeof value === 'string')
      holder[key] = this.#chance.pick(['', 'x', '__proto__', 'a'.repeat(300), '../..'])
    else if (Array.isArray(value)) holder[key] = this.#chance.oneIn(2) ? [] : [...value, ...value]
    else if (Buffer.isBuffer(value)) holder[key] = new Mutator(this.#chance, [value]).next()
    return copy
  }

  #vectorOf(api: Api, version: number): object {
    const { cases } = vectorsOf(api)
    const mine = cases.filter((vector) => vector.version === version && vector.direction === 'response')
    if (mine.length === 0) return {}
    const { base64 } = this.#chance.pick(mine)
    return decodeBody(api, version, 'response', Buffer.from(base64, 'base64')).message as object
  }
}

const vectors = new Map<Api, { cases: Vector[] }>()
function vectorsOf(api: Api): { cases: Vector[] } {
  const known = vectors.get(api) ?? vectorFile<{ cases: Vector[] }>(`protocol/vectors/messages/${api.name}.json`)
  vectors.set(api, known)
  return known
}

/** Numbers that a field has no room for lose their upper bits, or the message is as it was. */
function frameOf({ api, version, correlationId }: Asked, message: object): Buffer {
  try {
    return contiguous(encodeResponse(api, version, correlationId, message as never))
  } catch {
    return contiguous(encodeResponse(api, version, correlationId, {} as never))
  }
}

function framed(content: Buffer): Buffer {
  return withNumber(Buffer.concat([Buffer.alloc(4), content]), 0, content.length)
}

function withBody(frame: Buffer, body: Buffer): Buffer {
  return framed(Buffer.concat([frame.subarray(4, 8), body]))
}

function withNumber(frame: Buffer, at: number, number: number): Buffer {
  const changed = Buffer.from(frame)
  changed.writeInt32BE(number | 0, at)
  return changed
}

/** A copy; `places` gets all that can be made another. */
function structuredCopy<Value>(value: Value, places: [Record<string, unknown>, string][]): Value {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  const copy = (Array.isArray(value) ? [] : {}) as Record<string, unknown>
  for (const [key, member] of Object.entries(value)) {
    copy[key] = structuredCopy(member, places)
    places.push([copy, key])
  }
  return copy as Value
}
