import { effect, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { theme } from '../../../shell/theme.js'
import { MapCanvas } from './map-canvas.js'
import { type Layout, layoutOf, tileAt } from './map-layout.js'
import { type MapModel, type Tone, toneWords } from './map-model.js'

export interface PartitionMapProps {
  readonly model: MapModel
  /** What is said of it to whoever does not see it: a table says the rest. */
  readonly label: string
  /** What is told of a tile when somebody points at it. */
  describe?(key: string): readonly string[]
  /** What the colours mean. Default true. */
  readonly hasLegend?: boolean
}

interface Pointed {
  readonly key: string
  readonly x: number
  readonly y: number
}

/** Members with their partitions, drawn; what changes hands flies. */
export function PartitionMap({ model, label, describe, hasLegend = true }: PartitionMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const drawn = useRef<{ map: MapCanvas; layout: Layout | undefined } | undefined>(undefined)
  const width = useSignal(0)
  const pointed = useSignal<Pointed | undefined>(undefined)
  useEffect(() => follow(canvas.current, width, drawn), [])
  useEffect(() => {
    if (!drawn.current || width.value === 0) return
    drawn.current.layout = layoutOf(model, width.value)
    drawn.current.map.show(drawn.current.layout)
  }, [model, width.value])
  const point = (event: PointerEvent): void => {
    const layout = drawn.current?.layout
    const tile = layout && tileAt(layout, event.offsetX, event.offsetY)
    pointed.value = tile && { key: tile.key, x: event.offsetX, y: event.offsetY }
  }
  return (
    <div class="panel map">
      <div class="map-room">
        <canvas
          ref={canvas}
          role="img"
          aria-label={label}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => {
            pointed.value = undefined
          }}
        />
        {pointed.value && describe && (
          <Tip at={pointed.value} lines={describe(pointed.value.key)} width={width.value} />
        )}
      </div>
      {hasLegend && <Legend />}
    </div>
  )
}

function Tip({ at, lines, width }: { at: Pointed; lines: readonly string[]; width: number }) {
  const left = `${Math.max(0, Math.min(at.x + 12, width - 220))}px`
  return (
    <div class="tip" style={{ left, top: `${at.y + 16}px` }}>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  )
}

function Legend() {
  return (
    <p class="legend dim">
      What waits has been there for{' '}
      {(Object.entries(toneWords) as [Tone, string][]).map(([tone, words]) => (
        <span key={tone} class="legend-item">
          <span class={`swatch tone-${tone}`} aria-hidden="true" /> {words}
        </span>
      ))}
    </p>
  )
}

/** Draws anew where the room or the colours change. */
function follow(
  canvas: HTMLCanvasElement | null,
  width: { value: number },
  drawn: { current: { map: MapCanvas; layout: Layout | undefined } | undefined },
): () => void {
  if (!canvas) return () => undefined
  const map = new MapCanvas(canvas)
  drawn.current = { map, layout: undefined }
  const observer = new ResizeObserver(([entry]) => {
    width.value = Math.floor(entry?.contentRect.width ?? 0)
  })
  observer.observe(canvas)
  const stop = effect(() => {
    void theme.value
    map.redraw()
  })
  return () => {
    observer.disconnect()
    stop()
  }
}
