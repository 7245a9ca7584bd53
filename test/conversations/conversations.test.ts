import { startRivven } from '@rivven/testing'
import { asRecorded, type Settings, testRecordings } from './in-process.js'

/** The settings with which Kafka was recorded (where it named its port 39092), and those that a conversation asks for. */
function configOf(settings: Settings): Record<string, string | number> {
  const own = Object.entries(settings).map(([key, value]) => [key.replaceAll('.', '_'), value])
  return {
    ...asRecorded,
    advertised_listeners: '127.0.0.1:39092',
    ...Object.fromEntries(own),
  }
}

testRecordings(
  ({ security }) => !security,
  (settings) => startRivven({ config: configOf(settings) }),
)
