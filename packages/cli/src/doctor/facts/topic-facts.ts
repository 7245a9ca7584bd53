import type { Admin, TopicDescription } from '@rivven/client'
import type { TopicFact } from '@rivven/doctor'

const keys = ['retention.ms', 'cleanup.policy']

/** How many partitions topics have, and how long they keep records: each is asked for once, however many groups read it. */
export class TopicFacts {
  readonly #admin: Admin
  readonly #known = new Map<string, Promise<TopicFact>>()
  #topics: Promise<Map<string, TopicDescription>> | undefined

  constructor(admin: Admin) {
    this.#admin = admin
  }

  /** Those that are gone are left out. */
  async of(names: Iterable<string>): Promise<TopicFact[]> {
    this.#topics ??= this.#list()
    const topics = await this.#topics
    return Promise.all([...names].flatMap((name) => topics.get(name) ?? []).map((topic) => this.#of(topic)))
  }

  async #list(): Promise<Map<string, TopicDescription>> {
    return new Map((await this.#admin.listTopics()).map((topic) => [topic.name, topic]))
  }

  #of(topic: TopicDescription): Promise<TopicFact> {
    const known = this.#known.get(topic.name) ?? this.#ask(topic)
    this.#known.set(topic.name, known)
    return known
  }

  async #ask({ name, partitions }: TopicDescription): Promise<TopicFact> {
    const [described] = await this.#admin.describeConfigs([{ type: 'topic', name, keys }])
    const configs = new Map(described!.configs.map((entry) => [entry.name, entry.value]))
    return { topic: name, partitionCount: partitions.length, retentionMs: retentionOf(configs) }
  }
}

/** Null: for ever. */
function retentionOf(configs: ReadonlyMap<string, string | null>): number | null {
  const retentionMs = Number(configs.get('retention.ms') ?? -1)
  const isDeleting = (configs.get('cleanup.policy') ?? 'delete').split(',').includes('delete')
  return isDeleting && retentionMs >= 0 ? retentionMs : null
}
