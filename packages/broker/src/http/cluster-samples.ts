import type { BrokerServices } from '../handlers/handler.js'
import { histogramSamples, labelText, metricHead } from './exposition.js'

/** Histograms of what a broker of a cluster does; a broker that is alone has none of them. */
export function* clusterSamples({ cluster }: Pick<BrokerServices, 'cluster'>): Iterable<string> {
  const { counts, storageFigures } = cluster
  if (!storageFigures) return
  const moves = 'rivven_leader_move_seconds'
  yield metricHead(
    moves,
    'histogram',
    'Seconds in which a partition that changes its leader is not served: until its broker has handed it over, until the next one has opened it.',
  )
  yield histogramSamples(moves, labelText({ step: 'hand_over' }), counts.handOverSeconds)
  yield histogramSamples(moves, labelText({ step: 'open' }), counts.openSeconds)
  const appends = 'rivven_storage_append_seconds'
  yield metricHead(
    appends,
    'histogram',
    'Seconds of a statement that stores batches in the database that brokers share.',
  )
  yield histogramSamples(appends, '', storageFigures.appendSeconds)
}
