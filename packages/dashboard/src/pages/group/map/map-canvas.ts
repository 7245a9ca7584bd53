import { nextFrame, tick } from '../../../world/clock.js'
import type { Layout, PlacedBlock, PlacedTile } from './map-layout.js'
import type { Tone } from './map-model.js'

/** How long a tile flies, and how long it fades where nothing shall move. */
const flightMs = 400
const fadeMs = 200

const groundOf: Readonly<Record<Tone, string>> = {
  unknown: '--raised',
  fresh: '--ok-ground',
  some: '--warn-ground',
  late: '--stall-ground',
  old: '--stop-ground',
}
const inkOf: Readonly<Record<Tone, string>> = {
  unknown: '--dim',
  fresh: '--ok',
  some: '--warn',
  late: '--stall',
  old: '--stop',
}

/**
 * Draws a layout, and how tiles get from one to the next. On one canvas: as elements of the page 1,000 tiles move at 3 frames a second
 * without a graphics card, drawn at 45.
 */
export class MapCanvas {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #layout: Layout | undefined
  #before: Layout | undefined
  #beganAt = 0
  #colours = new Map<string, string>()
  #isDrawing = false
  #moved = 0

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    const context = canvas.getContext('2d')
    if (!context) throw new Error('this browser draws nothing')
    this.#context = context
  }

  /** Shows another layout; tiles that are elsewhere in it fly there. */
  show(layout: Layout): void {
    const before = this.#layout
    this.#layout = layout
    this.#size(layout)
    const moved = before && before.width === layout.width ? movedFrom(before, layout) : 0
    if (moved > 0) {
      this.#before = before
      this.#beganAt = tick()
      this.#moved += moved
      // For tests, and for whoever looks from outside: how many have moved since the page was opened.
      this.#canvas.dataset.moved = String(this.#moved)
    }
    this.redraw()
  }

  /** With the colours that the page has now. */
  redraw(): void {
    this.#colours.clear()
    if (this.#isDrawing) return
    this.#isDrawing = true
    nextFrame(() => this.#draw())
  }

  #draw(): void {
    this.#isDrawing = false
    const layout = this.#layout
    if (!layout) return
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
    const passed = Math.min(1, (tick() - this.#beganAt) / (isStill ? fadeMs : flightMs))
    const before = passed < 1 ? this.#before : undefined
    this.#context.clearRect(0, 0, layout.width, layout.height)
    for (const block of layout.blocks) this.#drawBlock(block)
    if (!before) this.#drawTiles(layout, true)
    else if (isStill) this.#fade(before, layout, passed)
    else this.#fly(before, layout, eased(passed))
    if (!before) this.#before = undefined
    else {
      this.#isDrawing = true
      nextFrame(() => this.#draw())
    }
  }

  #fade(before: Layout, layout: Layout, passed: number): void {
    this.#context.globalAlpha = 1 - passed
    this.#drawTiles(before, false)
    this.#context.globalAlpha = passed
    this.#drawTiles(layout, false)
    this.#context.globalAlpha = 1
  }

  /** No text meanwhile: nobody reads what flies, and it is what takes time. */
  #fly(before: Layout, { tiles, size }: Layout, passed: number): void {
    for (const tile of tiles.values()) {
      const from = before.tiles.get(tile.key) ?? tile
      this.#drawTile(tile, { x: from.x + (tile.x - from.x) * passed, y: from.y + (tile.y - from.y) * passed, size })
    }
  }

  #drawTiles({ tiles, size }: Layout, hasText: boolean): void {
    for (const tile of tiles.values()) {
      this.#drawTile(tile, { x: tile.x, y: tile.y, size })
      if (hasText && size >= 26) this.#drawText(tile, size)
    }
  }

  #drawTile({ tone, isRevoked }: PlacedTile, { x, y, size }: { x: number; y: number; size: number }): void {
    const context = this.#context
    context.fillStyle = this.#colour(groundOf[tone])
    context.fillRect(x, y, size, size)
    context.strokeStyle = this.#colour(inkOf[tone])
    context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1)
    if (!isRevoked) return
    context.beginPath()
    for (let at = 4; at < size * 2; at += 6) {
      context.moveTo(x + Math.max(0, at - size), y + Math.min(at, size))
      context.lineTo(x + Math.min(at, size), y + Math.max(0, at - size))
    }
    context.stroke()
  }

  #drawText({ x, y, label, note, tone }: PlacedTile, size: number): void {
    const context = this.#context
    context.textAlign = 'center'
    context.fillStyle = this.#colour('--ink')
    context.font = '600 12px system-ui, sans-serif'
    context.fillText(label, x + size / 2, y + (size >= 40 ? 18 : size / 2 + 4))
    if (size < 40) return
    context.fillStyle = this.#colour(inkOf[tone])
    context.font = '600 11px system-ui, sans-serif'
    context.fillText(note, x + size / 2, y + 34, size - 4)
  }

  #drawBlock({ x, y, width, height, label, count }: PlacedBlock): void {
    const context = this.#context
    context.strokeStyle = this.#colour('--line')
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1)
    context.font = '12px system-ui, sans-serif'
    context.textAlign = 'right'
    context.fillStyle = this.#colour('--dim')
    context.fillText(String(count), x + width - 8, y + 16)
    context.textAlign = 'left'
    context.font = '600 12px system-ui, sans-serif'
    context.fillStyle = this.#colour('--ink')
    context.fillText(this.#fitting(label, width - 56), x + 8, y + 16)
  }

  #fitting(text: string, width: number): string {
    if (this.#context.measureText(text).width <= width) return text
    let shown = text
    while (shown.length > 1 && this.#context.measureText(`${shown}…`).width > width) shown = shown.slice(0, -1)
    return `${shown}…`
  }

  #colour(name: string): string {
    const known = this.#colours.get(name)
    if (known !== undefined) return known
    const colour = getComputedStyle(this.#canvas).getPropertyValue(name)
    this.#colours.set(name, colour)
    return colour
  }

  /** In pixels of the screen, so that lines are sharp. */
  #size({ width, height }: Layout): void {
    const ratio = devicePixelRatio || 1
    this.#canvas.width = Math.round(width * ratio)
    this.#canvas.height = Math.round(height * ratio)
    this.#canvas.style.height = `${height}px`
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
  }
}

/** How many tiles belong to another block now. */
function movedFrom(before: Layout, { tiles }: Layout): number {
  let count = 0
  for (const { key, block } of tiles.values()) {
    const from = before.tiles.get(key)
    if (from && from.block !== block) count += 1
  }
  return count
}

function eased(passed: number): number {
  return 1 - (1 - passed) ** 3
}
