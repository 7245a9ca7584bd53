import type { ApiAnswers } from '@rivven/broker'
import type { ComponentType } from 'preact'
import { ConfigsTab } from './configs-tab.js'
import { PartitionsTab } from './partitions-tab.js'
import { ReadersTab } from './readers-tab.js'
import { RecordsTab } from './records/records-tab.js'

export interface TopicTabProps {
  readonly topic: string
  readonly query: Readonly<Record<string, string>>
  /** The topic as it is now, while the tab is shown. */
  readonly page: ApiAnswers.TopicPage
}

interface TopicTab {
  /** In the address. */
  readonly id: string
  readonly label: string
  readonly Tab: ComponentType<TopicTabProps>
}

/** What there is to see of a topic. The first is shown where the address names none. */
export const tabs: readonly TopicTab[] = [
  { id: 'partitions', label: 'Partitions', Tab: PartitionsTab },
  { id: 'records', label: 'Records', Tab: RecordsTab },
  { id: 'readers', label: 'Readers', Tab: ReadersTab },
  { id: 'configs', label: 'Configs', Tab: ConfigsTab },
]
