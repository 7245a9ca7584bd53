import type { Block, MapModel, Tile } from './map-model.js'

/** A block with its place, in CSS pixels. */
export interface PlacedBlock extends Block {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly count: number
}

export interface PlacedTile extends Tile {
  readonly x: number
  readonly y: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** Of a tile, each side. */
  readonly size: number
  readonly blocks: readonly PlacedBlock[]
  readonly tiles: ReadonlyMap<string, PlacedTile>
}

const gap = 10
const padding = 8
const headHeight = 24
/** How wide a block should be, at least. */
const narrowest = 170

/** Puts blocks into rows and tiles into blocks; a row is as high as its highest block. */
export function layoutOf({ blocks, tiles }: MapModel, width: number): Layout {
  const size = sizeFor(tiles.length)
  const across = Math.max(1, Math.min(blocks.length, Math.floor((width + gap) / (narrowest + gap))))
  const blockWidth = (width - gap * (across - 1)) / across
  const perLine = Math.max(1, Math.floor((blockWidth - 2 * padding + 3) / (size + 3)))
  const tilesOf = grouped(tiles)
  const placed: PlacedBlock[] = []
  const placedTiles = new Map<string, PlacedTile>()
  let top = 0
  for (let at = 0; at < blocks.length; at += across) {
    const row = blocks.slice(at, at + across)
    const lines = Math.max(1, ...row.map(({ id }) => Math.ceil((tilesOf.get(id)?.length ?? 0) / perLine)))
    const height = headHeight + lines * (size + 3) + padding
    for (const [column, block] of row.entries()) {
      const own = tilesOf.get(block.id) ?? []
      const x = column * (blockWidth + gap)
      placed.push({ ...block, x, y: top, width: blockWidth, height, count: own.length })
      for (const [index, tile] of own.entries()) {
        const line = Math.floor(index / perLine)
        const tileX = x + padding + (index % perLine) * (size + 3)
        placedTiles.set(tile.key, { ...tile, x: tileX, y: top + headHeight + line * (size + 3) })
      }
    }
    top += height + gap
  }
  return { width, height: Math.max(0, top - gap), size, blocks: placed, tiles: placedTiles }
}

/** Small enough for all to be seen at once. */
function sizeFor(count: number): number {
  if (count <= 120) return 44
  if (count <= 400) return 26
  return count <= 2000 ? 14 : 8
}

function grouped(tiles: readonly Tile[]): Map<string, Tile[]> {
  const found = new Map<string, Tile[]>()
  for (const tile of tiles) {
    const known = found.get(tile.block)
    if (known) known.push(tile)
    else found.set(tile.block, [tile])
  }
  return found
}

/** Which tile lies there. */
export function tileAt({ tiles, size }: Layout, x: number, y: number): PlacedTile | undefined {
  for (const tile of tiles.values()) {
    if (x >= tile.x && x < tile.x + size && y >= tile.y && y < tile.y + size) return tile
  }
  return undefined
}
