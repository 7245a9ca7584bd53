/** So many requests at a time: a cluster may have thousands of groups. */
const atATime = 8

/** What `work` makes of each thing, in their order. */
export async function inParallel<T, R>(things: readonly T[], work: (thing: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(things.length)
  const waiting = things.entries()
  const worker = async () => {
    for (const [at, thing] of waiting) results[at] = await work(thing)
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return results
}
