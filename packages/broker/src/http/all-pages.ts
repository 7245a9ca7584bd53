import type { Page } from './page.js'
import { clusterPages } from './pages/cluster.js'
import { groupPages } from './pages/groups.js'
import { healthPages } from './pages/health.js'
import { metricsPage } from './pages/metrics.js'
import { securityPages } from './pages/security.js'

/** Everything that is answered over HTTP. */
export function allPages(): readonly Page[] {
  return [...healthPages, metricsPage(), ...groupPages, ...clusterPages, ...securityPages]
}
