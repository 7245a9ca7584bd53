// What an application does with our packages, as text: the same lines behind other ways to import.

/** Starts a broker, writes with every codec, reads with a group, and prints how many records came. */
export const roundTrip = `
  const rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const { bootstrapServers } = rivven
  const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
  for (const compression of codecs) {
    const producer = new Producer({ bootstrapServers, compression })
    await producer.send({ topic: 'orders', key: compression, value: 'long '.repeat(100) })
    await producer.close()
  }
  const consumer = new Consumer({ bootstrapServers, groupId: 'g', autoOffsetReset: 'earliest' })
  await consumer.subscribe(['orders'])
  const keys = []
  for await (const record of consumer) {
    keys.push(String(record.key))
    await consumer.commit(record)
    if (keys.length === codecs.length) break
  }
  await consumer.close()
  await rivven.close()
`

/** The same in TypeScript's eyes. */
export const typed = `
export async function total(): Promise<number> {
  const rivven = await startRivven()
  const consumer = new Consumer({ bootstrapServers: rivven.bootstrapServers, groupId: 'g' })
  let bytes = 0
  try {
    for await (const record of consumer) bytes += record.value?.length ?? 0
  } catch (error) {
    if (error instanceof RivvenError) bytes = error.code.length
  }
  await rivven.close()
  return bytes
}
`
