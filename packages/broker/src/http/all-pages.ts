import type { Disk } from '@rivven/runtime'
import { dashboardPages } from './dashboard/dashboard-pages.js'
import type { Page } from './page.js'
import { healthPages } from './pages/health.js'
import { metricsPage } from './pages/metrics.js'
import { problemsPage } from './pages/problems.js'

/** What is answered over HTTP beside the API: for probes, scrapers and browsers, and what problems mean. */
export function allPages(disk: Pick<Disk, 'readFile' | 'sizeOf'>): readonly Page[] {
  return [...healthPages, metricsPage(), problemsPage, ...dashboardPages(disk)]
}
