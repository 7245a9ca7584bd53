import type { Page } from './page.js'
import { healthPages } from './pages/health.js'
import { metricsPage } from './pages/metrics.js'
import { problemsPage } from './pages/problems.js'

/** What is answered over HTTP beside the API, for probes and scrapers, and what problems mean. */
export function allPages(): readonly Page[] {
  return [...healthPages, metricsPage(), problemsPage]
}
