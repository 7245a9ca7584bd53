import type { BrokerServices } from '../handler.js'

/** More in one request are refused, as Kafka does: most likely a mistake. */
export const MOST_NEW_PARTITIONS = 10_000

/** Why a request cannot make so many partitions, as a sentence; undefined when it can. */
export function newPartitionsFault(added: number, { catalog, config }: BrokerServices): string | undefined {
  if (added > MOST_NEW_PARTITIONS) {
    return `One request can make ${MOST_NEW_PARTITIONS} partitions at most, this one asks for ${added}.`
  }
  return added > catalog.room ? noRoom(config) : undefined
}

export function noRoom({ max_partitions }: BrokerServices['config']): string {
  return `This broker takes ${max_partitions} partitions in all: delete topics, or raise max_partitions.`
}
