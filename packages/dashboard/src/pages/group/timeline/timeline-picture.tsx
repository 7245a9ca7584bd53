import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { useEffect, useRef } from 'preact/hooks'
import { hrefOf } from '../../../route/route.js'
import { clockTime } from '../../../text/format.js'
import { visible } from '../../../text/visible.js'
import { type Lane, linesOf } from './lanes.js'

type Story = ApiAnswers.Timeline['rebalances'][number]

export interface TimelinePictureProps {
  readonly group: string
  readonly stories: readonly Story[]
  readonly lanes: readonly Lane[]
  readonly now: number
  readonly selected: Story | undefined
}

const laneHeight = 30
const chipHeight = 22
const chipLines = 4
const axisHeight = 22
/** More members than that are only counted. */
const mostLanes = 60

/** Members as lanes, rebalances as rules with what caused them, their phases shaded. A table says the same. */
export function TimelinePicture({ group, stories, lanes, now, selected }: TimelinePictureProps) {
  const room = useRef<HTMLDivElement>(null)
  const width = useSignal(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry?.contentRect.width ?? 0)
    })
    if (room.current) observer.observe(room.current)
    return () => observer.disconnect()
  }, [])
  const shown = lanes.slice(0, mostLanes)
  const begin = stories[0]?.startedAt ?? now
  const scale = (at: number): number => 1 + ((at - begin) / Math.max(1, now - begin)) * (width.value - 2)
  const chips = chipsOf(stories, scale, width.value)
  const top = (1 + Math.max(0, ...chips.map(({ line }) => line))) * chipHeight
  const height = top + shown.length * laneHeight + axisHeight
  return (
    <div class="panel timeline" ref={room}>
      {width.value > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: an image cannot be clicked into
        <svg width={width.value} height={height} role="group" aria-label="Rebalances; the table below says the same">
          {stories.map((story) => (
            <Phases key={story.startedAt} story={story} scale={scale} top={top} height={height - axisHeight - top} />
          ))}
          {shown.map((lane, at) => (
            <LaneBars key={lane.id} lane={lane} scale={scale} y={top + at * laneHeight} />
          ))}
          <Chips group={group} chips={chips} selected={selected} scale={scale} bottom={top} />
          <text x={1} y={height - 6} class="axis">
            {clockTime(begin)}
          </text>
          <text x={width.value - 1} y={height - 6} class="axis" text-anchor="end">
            now
          </text>
        </svg>
      )}
      {lanes.length > mostLanes && <p class="dim">And {lanes.length - mostLanes} more members.</p>}
      <p class="legend dim">
        <span class="legend-item">
          <span class="swatch phase-join" aria-hidden="true" /> waiting for members to join
        </span>
        <span class="legend-item">
          <span class="swatch phase-sync" aria-hidden="true" /> waiting for the assignment
        </span>
      </p>
    </div>
  )
}

interface Scaled {
  scale(at: number): number
}

/** The two parts of a rebalance, at least as wide as can be seen. */
function Phases({ story, scale, top, height }: Scaled & { story: Story; top: number; height: number }) {
  const { startedAt, phases } = story
  const joined = startedAt + phases.joinMs
  const from = scale(startedAt)
  const middle = Math.max(scale(joined), from + 2)
  const to = Math.max(scale(joined + (phases.syncMs ?? 0)), middle + 1)
  return (
    <>
      <rect class="phase-join" x={from} y={top} width={middle - from} height={height} />
      <rect class="phase-sync" x={middle} y={top} width={to - middle} height={height} />
    </>
  )
}

function LaneBars({ lane, scale, y }: Scaled & { lane: Lane; y: number }) {
  return (
    <>
      {lane.spans.map(({ from, to }) => (
        <rect
          key={from}
          class="lane"
          x={scale(from)}
          y={y + 15}
          width={Math.max(2, scale(to) - scale(from))}
          height={9}
          rx={2}
        />
      ))}
      <text x={4} y={y + 12} class="lane-name">
        {visible(lane.label)}
      </text>
    </>
  )
}

interface Chip {
  readonly story: Story
  readonly x: number
  readonly width: number
  readonly line: number
}

/** Where the cause of each stands; left out where there is no room. */
function chipsOf(stories: readonly Story[], scale: Scaled['scale'], width: number): Chip[] {
  const places = stories.map(({ startedAt, cause }) => {
    const own = cause.length * 6.6 + 12
    return { x: Math.max(0, Math.min(scale(startedAt), width - own)), width: own }
  })
  const lines = linesOf(places, chipLines)
  return stories.flatMap((story, at) => {
    const line = lines[at]
    const place = places[at]
    return line === undefined || !place ? [] : [{ story, ...place, line }]
  })
}

interface ChipsProps extends Scaled {
  readonly group: string
  readonly chips: readonly Chip[]
  readonly selected: Story | undefined
  readonly bottom: number
}

function Chips({ group, chips, selected, scale, bottom }: ChipsProps) {
  return (
    <>
      {chips.map(({ story, line, ...place }) => {
        const y = bottom - (line + 1) * chipHeight
        const look = story === selected ? 'chip selected' : 'chip'
        return (
          <a
            key={story.startedAt}
            href={hrefOf(['groups', group, 'timeline'], { at: story.startedAt })}
            class={look}
            aria-label={`${story.cause}, ${clockTime(story.startedAt)}`}
          >
            <line x1={scale(story.startedAt)} x2={scale(story.startedAt)} y1={y} y2={bottom} />
            <rect x={place.x} y={y} width={place.width} height={chipHeight - 4} rx={3} />
            <text x={place.x + 6} y={y + 13}>
              {story.cause}
            </text>
          </a>
        )
      })}
    </>
  )
}
