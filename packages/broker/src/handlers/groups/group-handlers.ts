import { handleFindCoordinator } from '../brokers/find-coordinator.js'
import type { Handler } from '../handler.js'
import { handleDeleteGroups } from './delete-groups.js'
import { handleDescribeGroups } from './describe-groups.js'
import { handleHeartbeat } from './heartbeat.js'
import { handleJoinGroup } from './join-group.js'
import { handleLeaveGroup } from './leave-group.js'
import { handleListGroups } from './list-groups.js'
import { handleOffsetCommit } from './offset-commit.js'
import { handleOffsetDelete } from './offset-delete.js'
import { handleOffsetFetch } from './offset-fetch.js'
import { handleSyncGroup } from './sync-group.js'

/** Everything that the group coordinator answers. */
export const groupHandlers: readonly Handler[] = [
  handleDeleteGroups,
  handleDescribeGroups,
  handleFindCoordinator,
  handleHeartbeat,
  handleJoinGroup,
  handleLeaveGroup,
  handleListGroups,
  handleOffsetCommit,
  handleOffsetDelete,
  handleOffsetFetch,
  handleSyncGroup,
]
