import { ErrorCode, ListPartitionReassignments } from '@rivven/protocol'
import { handler } from './handler.js'

/** With one broker nothing is ever being moved. */
export const handleListPartitionReassignments = handler(ListPartitionReassignments, () => ({
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  topics: [],
}))
