import { SyncGroup } from '@rivven/protocol'
import { handler } from './handler.js'

export const handleSyncGroup = handler(SyncGroup, (request, { coordinator }, context) =>
  coordinator.syncGroup(request, context),
)
