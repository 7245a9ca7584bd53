import { Api } from './api.js'
import { answerLag } from './cluster/answer-lag.js'
import { describeCluster } from './cluster/describe-cluster.js'
import { describeSelf } from './cluster/describe-self.js'
import { drainBroker } from './cluster/drain-broker.js'
import { describeBroker, describeBrokerConfigs } from './cluster/one-broker.js'
import { takeCall } from './cluster/take-call.js'
import { takeNudges } from './cluster/take-nudges.js'
import { clusterDoctor } from './doctor/cluster-doctor.js'
import { groupDoctor } from './doctor/group-doctor.js'
import { deleteGroup } from './groups/delete-group.js'
import { groupLag } from './groups/group-lag.js'
import { groupTimeline } from './groups/group-timeline.js'
import { listGroups } from './groups/list-groups.js'
import { describeGroup } from './groups/one-group.js'
import { removeMembers } from './groups/remove-members.js'
import { listRecords } from './records/list-records.js'
import { recordValue } from './records/record-value.js'
import { listSnapshots } from './resets/group-snapshots.js'
import { resetGroup } from './resets/reset-group.js'
import type { Route } from './route.js'
import { listAcls, listQuotas, listUsers } from './security/security-lists.js'
import { listTopics } from './topics/list-topics.js'
import { describeTopic } from './topics/one-topic.js'
import { topicGroups } from './topics/topic-groups.js'
import { abortTransaction } from './transactions/abort-transaction.js'
import { listProducers } from './transactions/list-producers.js'
import { listTransactions } from './transactions/list-transactions.js'

/** Everything that is answered by method and path, in the order of docs/api.md. */
export const allRoutes: readonly Route[] = [
  describeSelf,
  listGroups,
  describeGroup,
  groupLag,
  groupTimeline,
  groupDoctor,
  resetGroup,
  listSnapshots,
  removeMembers,
  deleteGroup,
  listTopics,
  describeTopic,
  topicGroups,
  listRecords,
  recordValue,
  listTransactions,
  listProducers,
  abortTransaction,
  clusterDoctor,
  describeCluster,
  describeBroker,
  describeBrokerConfigs,
  drainBroker,
  listUsers,
  listAcls,
  listQuotas,
  takeNudges,
  answerLag,
  takeCall,
]

/** The API of a broker, behind both doors. */
export const rivvenApi = new Api(allRoutes)
