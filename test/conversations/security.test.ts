import { GuardedBroker } from './guarded-broker.js'
import { testRecordings } from './in-process.js'

testRecordings(
  ({ security = false }) => security,
  (settings) => GuardedBroker.start(settings),
)
