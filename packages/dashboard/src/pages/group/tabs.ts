import type { ApiAnswers } from '@rivven/broker'
import type { ComponentType } from 'preact'

export interface TabProps {
  readonly group: string
  readonly query: Readonly<Record<string, string>>
  /** The group as it is now, while the tab is shown. */
  readonly page: ApiAnswers.GroupPage
}

export interface Tab {
  /** In the address. */
  readonly id: string
  readonly label: string
  load(): Promise<ComponentType<TabProps>>
}

/** What there is to see of a group. The first is shown where the address names none. */
export const tabs: readonly Tab[] = [
  { id: 'now', label: 'Now', load: async () => (await import('./now/now-tab.js')).NowTab },
  {
    id: 'timeline',
    label: 'Timeline',
    load: async () => (await import('./timeline/timeline-tab.js')).TimelineTab,
  },
  { id: 'lag', label: 'Lag', load: async () => (await import('./lag/lag-tab.js')).LagTab },
  { id: 'offsets', label: 'Offsets', load: async () => (await import('./offsets/offsets-tab.js')).OffsetsTab },
  { id: 'doctor', label: 'Doctor', load: async () => (await import('./doctor/doctor-tab.js')).DoctorTab },
]
