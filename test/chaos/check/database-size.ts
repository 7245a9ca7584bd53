/** What a database of brokers holds at one moment. */
export interface DatabaseSample {
  /** Milliseconds since the first one. */
  readonly at: number
  /** By name; those of batches, of which there is one a chunk, as one. */
  readonly tables: ReadonlyMap<string, { readonly rows: number; readonly bytes: number }>
  readonly chunks: readonly ChunkRow[]
}

export interface ChunkRow {
  readonly chunk: number
  readonly isClosed: boolean
}

/** How many chunks there have been until then. */
export interface ChunkCounts {
  opened: number
  closed: number
  dropped: number
}

/** Numbers of chunks rise by one, and one that is not there any more was closed before it was dropped. */
export function chunkCounts(chunks: readonly ChunkRow[]): ChunkCounts {
  const opened = Math.max(0, ...chunks.map(({ chunk }) => chunk))
  const dropped = opened - chunks.length
  return { opened, dropped, closed: dropped + chunks.filter(({ isClosed }) => isClosed).length }
}

/** A table of rows and MiB by table and time, the largest in the end first, and of chunks. */
export function sizeTable(samples: readonly DatabaseSample[]): string[][] {
  const names = [...new Set(samples.flatMap(({ tables }) => [...tables.keys()]))]
  const bytesIn = (sample: DatabaseSample | undefined, name: string) => sample?.tables.get(name)?.bytes ?? 0
  names.sort((a, b) => bytesIn(samples.at(-1), b) - bytesIn(samples.at(-1), a))
  return [
    ['TABLE', ...samples.map(({ at }) => `${(at / 60_000).toFixed(1)} min`)],
    ...names.map((name) => [name, ...samples.map((sample) => sizeOf(sample, name))]),
    ...(['opened', 'closed', 'dropped'] as const).map((count) => [
      `chunks ${count}`,
      ...samples.map(({ chunks }) => String(chunkCounts(chunks)[count])),
    ]),
  ]
}

function sizeOf({ tables }: DatabaseSample, name: string): string {
  const { rows, bytes } = tables.get(name) ?? { rows: 0, bytes: 0 }
  return `${rows} rows, ${(bytes / 1_048_576).toFixed(1)} MiB`
}
