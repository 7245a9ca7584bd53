import { hrefOf } from '../route/route.js'
import { shownName } from '../text/visible.js'

/** A name that somebody has chosen: its direction is its own, and what is not seen is written out. */
export function Name({ name }: { name: string }) {
  return <bdi class="name">{shownName(name)}</bdi>
}

/** One that leads to the page of what it names. */
export function NameLink({ of, name }: { of: 'groups' | 'topics' | 'transactions'; name: string }) {
  return (
    <a href={hrefOf([of, name])}>
      <Name name={name} />
    </a>
  )
}

/** `orders/3`, which leads to the topic. */
export function PartitionLink({ topic, partition }: { topic: string; partition: number }) {
  return (
    <a href={hrefOf(['topics', topic])}>
      <Name name={topic} />/{partition}
    </a>
  )
}
