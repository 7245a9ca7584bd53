import type { ComponentType } from 'preact'
import { shownName } from '../text/visible.js'

export interface PageProps {
  /** What stands in the path in place of `:name`. */
  readonly names: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}

export type PageComponent = ComponentType<PageProps>

export interface PageEntry {
  /** Of the path behind `#/`; `:name` stands for anything. */
  readonly pattern: string
  /** As the top bar calls it; missing: it is not there. */
  readonly nav?: string
  title(names: PageProps['names']): string
  load(): Promise<PageComponent>
}

/** All pages, each with code of its own that is loaded when somebody goes there. */
export const pages: readonly PageEntry[] = [
  {
    pattern: 'groups',
    nav: 'Groups',
    title: () => 'Groups',
    load: async () => (await import('./groups/groups-page.js')).GroupsPage,
  },
  {
    pattern: 'groups/:group',
    title: ({ group = '' }) => shownName(group),
    load: async () => (await import('./group/group-page.js')).GroupPage,
  },
  {
    pattern: 'groups/:group/:tab',
    title: ({ group = '', tab = '' }) => `${shownName(group)} · ${tab}`,
    load: async () => (await import('./group/group-page.js')).GroupPage,
  },
  {
    pattern: 'topics',
    nav: 'Topics',
    title: () => 'Topics',
    load: async () => (await import('./topics/topics-page.js')).TopicsPage,
  },
  {
    pattern: 'topics/:topic',
    title: ({ topic = '' }) => shownName(topic),
    load: async () => (await import('./topic/topic-page.js')).TopicPage,
  },
  {
    pattern: 'topics/:topic/:tab',
    title: ({ topic = '', tab = '' }) => `${shownName(topic)} · ${tab}`,
    load: async () => (await import('./topic/topic-page.js')).TopicPage,
  },
  {
    pattern: 'transactions',
    nav: 'Transactions',
    title: () => 'Transactions',
    load: async () => (await import('./transactions/transactions-page.js')).TransactionsPage,
  },
  {
    pattern: 'transactions/:id',
    title: ({ id = '' }) => shownName(id),
    load: async () => (await import('./transactions/transaction-page.js')).TransactionPage,
  },
  {
    pattern: 'doctor',
    nav: 'Doctor',
    title: () => 'Doctor',
    load: async () => (await import('./doctor/doctor-page.js')).DoctorPage,
  },
  {
    pattern: 'cluster',
    nav: 'Cluster',
    title: () => 'Cluster',
    load: async () => (await import('./cluster/cluster-page.js')).ClusterPage,
  },
]
