import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type UPlot from 'uplot'
import { theme } from '../../../shell/theme.js'
import type { LagSample } from './lag-samples.js'

export interface Line {
  readonly label: string
  /** Of a token in style/tokens.css. */
  readonly colour: string
  /** Told apart without colours, too. */
  readonly dash?: number[]
  value(sample: LagSample): number | null
}

export interface LagChartProps {
  readonly title: string
  readonly lines: readonly Line[]
  readonly samples: readonly LagSample[]
}

const height = 180
/** At least so many seconds are shown: of one sample alone no axis of use is made. */
const narrowest = 60

/** How something went. The library is loaded with the first chart; a table says the same. */
export function LagChart({ title, lines, samples }: LagChartProps) {
  const room = useRef<HTMLDivElement>(null)
  const chart = useSignal<UPlot | undefined>(undefined)
  const chosen = theme.value
  useEffect(() => {
    let made: UPlot | undefined
    let isWanted = true
    void import('uplot').then(({ default: Chart }) => {
      if (!isWanted || !room.current) return
      made = new Chart(optionsOf(lines, room.current), dataOf(lines, samples), room.current)
      chart.value = made
    })
    const observer = new ResizeObserver(([entry]) => {
      made?.setSize({ width: Math.floor(entry?.contentRect.width ?? 0), height })
    })
    if (room.current) observer.observe(room.current)
    return () => {
      isWanted = false
      observer.disconnect()
      made?.destroy()
    }
  }, [chosen])
  useEffect(() => chart.value?.setData(dataOf(lines, samples)), [samples, chart.value])
  return (
    <figure class="panel chart">
      <figcaption>{title}</figcaption>
      <div ref={room} role="img" aria-label={`${title}; the table says the numbers of now`} />
    </figure>
  )
}

function dataOf(lines: readonly Line[], samples: readonly LagSample[]): UPlot.AlignedData {
  const times = samples.map(({ at }) => at / 1000)
  const values = lines.map(({ value }) => samples.map(value))
  const begin = (times.at(-1) ?? 0) - narrowest
  if (begin >= (times[0] ?? 0)) return [times, ...values]
  return [[begin, ...times], ...values.map((line) => [null, ...line])]
}

function optionsOf(lines: readonly Line[], room: HTMLElement): UPlot.Options {
  const colourOf = (name: string): string => getComputedStyle(room).getPropertyValue(name)
  const axis = {
    stroke: colourOf('--dim'),
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { stroke: colourOf('--line'), width: 1 },
  }
  return {
    ...{ width: room.clientWidth, height },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
    axes: [axis, { ...axis, size: 64 }],
    series: [
      {},
      ...lines.map(({ label, colour, dash }) => ({
        ...{ label, stroke: colourOf(colour), width: 2, points: { size: 4 } },
        ...(dash && { dash }),
      })),
    ],
  }
}
