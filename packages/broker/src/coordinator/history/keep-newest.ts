/** Adds to a list that is short on purpose: the oldest makes room. */
export function keepNewest<Item>(items: Item[], most: number, item: Item): void {
  items.push(item)
  if (items.length > most) items.shift()
}
