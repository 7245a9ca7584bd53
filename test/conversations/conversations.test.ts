import { startRivven } from '@rivven/testing'
import { type Settings, testRecordings } from './in-process.js'

/** The settings with which Kafka was recorded (it named its port 39092), and those that a conversation asks for. */
function configOf(settings: Settings): Record<string, string | number> {
  const own = Object.entries(settings).map(([key, value]) => [key.replaceAll('.', '_'), value])
  return {
    advertised_listeners: '127.0.0.1:39092',
    num_partitions: 2,
    group_initial_rebalance_delay_ms: 0,
    ...Object.fromEntries(own),
  }
}

testRecordings(
  ({ security }) => !security,
  (settings) => startRivven({ config: configOf(settings) }),
)
