import { brokerHost } from '../plan/brokers.js'
import type { Exchange, Seen, Timed, TopicPartition } from './history.js'

/** One event as a line that a human can follow. */
export function lineOf(event: Timed<Seen>): string {
  return `${event.at.toFixed(2).padStart(10)}  ${textOf(event)}`
}

function textOf(event: Timed<Seen>): string {
  switch (event.kind) {
    case 'request':
      return `${event.exchange.host} -> ${exchangeText(event.exchange)} ${brief(event.exchange.request)}`
    case 'answer':
      return `${event.exchange.host} <- ${exchangeText(event.exchange)} ${brief(event.exchange.response)}`
    case 'assigned':
    case 'revoked':
    case 'lost':
      return `${event.member.host}#${event.member.life} ${event.kind} ${partitionsText(event.partitions)} (generation ${event.member.generation()})`
    case 'fenced':
      return `${event.member.host}#${event.member.life} is fenced`
    case 'polls':
      return `${event.member.host}#${event.member.life} polls`
    case 'polled':
      return `${event.member.host}#${event.member.life} polled ${event.records.map(({ partition, offset, value }) => `${partition}/${offset}=${value}`).join(' ')}`
    case 'acknowledged':
      return `${event.producer} wrote ${event.record.partition}/${event.record.offset}=${event.record.value}`
    case 'transaction':
      return `transaction ${event.id} is ${event.outcome}`
    case 'grown':
      return `${event.topic} has ${event.partitions} partitions now`
    case 'gone':
      return `${event.host} is gone`
    case 'broker':
      return `${event.host ?? 'broker'}: ${event.what}`
    case 'life':
      return `broker ${event.brokerId} ${event.isGone ? 'is gone' : 'is here'}, in its life ${event.incarnation}`
    case 'leader':
      return `${event.topic}-${event.partition} is led by ${event.leader ?? 'nobody'} in epoch ${event.epoch}`
    case 'disk':
      return event.isFailing ? 'the disk fails' : 'the disk is well'
    case 'flipped':
      return `a bit of ${event.path} has turned over${event.lost ? `: ${event.lost.fromOffset} to ${event.lost.toOffset}` : ''}`
    case 'right':
      return `${event.right.operation} on ${event.right.type} ${event.right.name} of ${event.right.user} ${event.change}`
    case 'password':
      return `password ${event.number} of ${event.user} ${event.change}`
    case 'comes':
      return `${event.user} comes with password ${event.password}`
    case 'shut out':
      return `${event.user} is told ${event.code}`
    case 'reset':
      return `reset ${event.reset.id} of ${event.reset.group} ${event.step} (generation ${event.generation}): ${event.reset.moves.map(({ partition, offset }) => `${partition} to ${offset}`).join(', ')}`
    case 'snapshots':
      return `snapshots of ${event.group}: ${[...event.kept.keys()].join(', ')}`
    case 'resets listed':
      return `all resets of ${event.group} are listed`
    case 'told':
    case 'note':
      return event.text
  }
}

function exchangeText({ api, version, broker, connection }: Exchange): string {
  const where = broker === brokerHost ? '' : `${broker} `
  return `${where}${api.name} v${version} (${connection})`
}

function partitionsText(partitions: readonly TopicPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' ') || 'nothing'
}

/** Bytes as their count, and only what says something. */
function brief(message: unknown): string {
  const text = JSON.stringify(message, (_, value) => {
    if (value === null || value === undefined) return undefined
    if (typeof value === 'object' && value.type === 'Buffer') return `<${value.data.length} bytes>`
    return value
  })
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}
