import type { Topic } from './catalog.js'
import { collisionKey } from './topic-name.js'

/** The topics of a catalog, by all that they are looked for by. */
export class TopicIndex {
  readonly #byName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  readonly #collisions = new Map<string, string>()
  #sorted: readonly Topic[] | undefined
  #partitionCount = 0

  /** Of all topics together. */
  get partitionCount(): number {
    return this.#partitionCount
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }

  /** In the order in which they were made. */
  all(): Iterable<Topic> {
    return this.#byName.values()
  }

  sorted(): readonly Topic[] {
    this.#sorted ??= [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    return this.#sorted
  }

  /** The topic whose name differs in dots and underscores only. */
  colliding(name: string): string | undefined {
    const other = this.#collisions.get(collisionKey(name))
    return other === name ? undefined : other
  }

  /** In the place of what had its name before. */
  put(topic: Topic): void {
    this.#partitionCount += topic.partitionCount - (this.#byName.get(topic.name)?.partitionCount ?? 0)
    this.#byName.set(topic.name, topic)
    this.#byId.set(topic.id, topic)
    this.#collisions.set(collisionKey(topic.name), topic.name)
    this.#sorted = undefined
  }

  remove(topic: Topic): void {
    this.#partitionCount -= topic.partitionCount
    this.#byName.delete(topic.name)
    this.#byId.delete(topic.id)
    this.#collisions.delete(collisionKey(topic.name))
    this.#sorted = undefined
  }
}
