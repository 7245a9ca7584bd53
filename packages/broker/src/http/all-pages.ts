import type { Page } from './page.js'
import { healthPages } from './pages/health.js'
import { metricsPage } from './pages/metrics.js'

/** What is answered over HTTP beside the API, for probes and scrapers. */
export function allPages(): readonly Page[] {
  return [...healthPages, metricsPage()]
}
