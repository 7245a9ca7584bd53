/** A list as it stands in a document that brokers of several releases may share. */
export function writeVersionedList(version: number, items: Iterable<unknown>): Buffer {
  return Buffer.from(JSON.stringify({ version, items: [...items] }))
}

/** The items that make sense; none where there is no document, or one of a later version: what it asks for is not known here. */
export function readVersionedList<Item>(
  version: number,
  isItem: (item: unknown) => item is Item,
  content: Buffer | undefined,
): Item[] {
  const { version: found, items } = Object(parsed(content)) as { version?: unknown; items?: unknown }
  return found === version && Array.isArray(items) ? items.filter(isItem) : []
}

function parsed(content: Buffer | undefined): unknown {
  try {
    return content && JSON.parse(content.toString('utf8'))
  } catch {
    return undefined
  }
}
