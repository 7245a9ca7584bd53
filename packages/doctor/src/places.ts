import type { Place } from './facts/any-broker-facts.js'
import { listed } from './words.js'

/** `orders/3` */
export function placeText({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}

/** `orders/0, orders/1 and 4 more` */
export function placesText(places: readonly Place[]): string {
  return listed(places.map(placeText))
}

/** Topics in the order in which they come. */
export function byTopic<P extends Place>(places: readonly P[]): [topic: string, places: P[]][] {
  const topics = new Map<string, P[]>()
  for (const place of places) {
    const found = topics.get(place.topic)
    if (found) found.push(place)
    else topics.set(place.topic, [place])
  }
  return [...topics]
}

/** What is known of the same place elsewhere. */
export function placed<P extends Place>(places: readonly P[]): (place: Place) => P | undefined {
  const known = new Map(places.map((place) => [placeText(place), place]))
  return (place) => known.get(placeText(place))
}

/** The subject of what is about these partitions of a topic. */
export function subjectOf(topic: string, places: readonly Place[]): { topic: string; partition?: number } {
  return places.length === 1 ? { topic, partition: places[0]!.partition } : { topic }
}
