/** A key for maps; the number first, since a topic may be told by its id, or by any name that a request gives. */
export function partitionKey(topic: string, partition: number): string {
  return `${partition} ${topic}`
}
