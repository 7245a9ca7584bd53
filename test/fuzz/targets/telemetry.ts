import { DecodeError, readMetrics, writeMetrics } from '@rivven/protocol'
import type { Target } from '../harness/target.js'

const words = ['org.apache.kafka.consumer.', 'rivven.consumer.', 'group_id', 'group_member_id', '__proto__']

/** Metrics that clients push (KIP-714). */
export function telemetryTargets(): Target[] {
  const attributes = { group_id: 'orders', group_member_id: 'consumer-1', client_rack: '' }
  const values = { 'org.apache.kafka.consumer.time.between.poll.max': 17, 'rivven.consumer.buffered.bytes': Number.NaN }
  return [
    {
      name: 'telemetry/metrics',
      seeds: [
        writeMetrics({ attributes, values, now: 1_700_000_000_000 }),
        writeMetrics({ attributes: {}, values: {}, now: 0 }),
      ],
      words,
      refusals: [DecodeError],
      // Two bytes are a message, and that is an object, as in messages.
      mayAllocate: (input) => input.length * 64 + 256 * 1024,
      run: (input) => {
        const { attributes, values } = readMetrics(input, () => true)
        return attributes.size + values.size > 0
      },
    },
  ]
}
