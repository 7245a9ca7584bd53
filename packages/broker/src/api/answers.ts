import type { meta } from './cluster/describe-self.js'
import type { clusterDiagnosis, groupDiagnosis } from './doctor/doctor-shapes.js'
import type { groupLagPage } from './groups/group-lag.js'
import type { timeline } from './groups/group-timeline.js'
import type { groupReset, groupSnapshots } from './resets/reset-shapes.js'
import type { Told } from './shape.js'

// What the calls of docs/api.md answer, as types for those who ask them.
export type { ClusterPage } from './cluster/describe-cluster.js'
export type { BrokerConfigs, BrokerPage } from './cluster/one-broker.js'
export type { GroupList, GroupMember, GroupOffset, GroupPage, GroupRow } from './groups/group-shapes.js'
export type { ListAnswer } from './lists/list-answer.js'
export type { RecordPage, RecordRow } from './records/record-shapes.js'
export type { ReaderList, TopicList, TopicPage, TopicPartition, TopicReader, TopicRow } from './topics/topic-shapes.js'
export type { ProducerRow, TransactionRow } from './transactions/transaction-shapes.js'

export type Meta = Told<typeof meta>
export type GroupLag = Told<typeof groupLagPage>
export type LagRow = GroupLag['items'][number]
export type Timeline = Told<typeof timeline>
export type HandOver = Timeline['handOvers'][number]
export type GroupDiagnosis = Told<typeof groupDiagnosis>
export type ClusterDiagnosis = Told<typeof clusterDiagnosis>
export type GroupReset = Told<typeof groupReset>
export type GroupSnapshots = Told<typeof groupSnapshots>
