import type { ApiAnswers } from '@rivven/broker'
import { useLive } from '../../live/use-live.js'
import { clusterView } from '../../live/views.js'
import { Shown } from '../../loaded/shown.js'
import { Figure, Figures } from '../../parts/figure.js'
import { Table } from '../../parts/table.js'
import { count, millis } from '../../text/format.js'
import type { PageProps } from '../pages.js'
import { brokerColumns } from './broker-columns.js'
import { BrokerPanel } from './broker-panel.js'
import { Moves } from './moves.js'

type Cluster = ApiAnswers.ClusterPage

const describe = 'rivvenctl cluster describe'

/** Who is here, who leads what, and how one of the brokers does. */
export function ClusterPage({ query }: PageProps) {
  const loaded = useLive<Cluster>(clusterView, {})
  return (
    <>
      <div class="page-head">
        <h1>Cluster</h1>
      </div>
      <Shown loaded={loaded} what="the cluster">
        {(page) => (
          <>
            <ClusterHead page={page} />
            <Brokers page={page} chosen={chosenIn(page, query.broker)} />
            <BrokerPanel key={chosenIn(page, query.broker)} id={chosenIn(page, query.broker)} />
            <Moves page={page} />
          </>
        )}
      </Shown>
    </>
  )
}

/** The broker whose facts are shown: the one that answers, unless another is named. */
function chosenIn({ self, brokers }: Cluster, named: string | undefined): number {
  return brokers.find(({ id }) => String(id) === named)?.id ?? self.id
}

function ClusterHead({ page: { clusterId, self, brokers } }: { page: Cluster }) {
  return (
    <Figures>
      <Figure label="Brokers" value={count(brokers.length)} command={describe} note={`cluster ${clusterId}`} />
      <Figure label="Asked" value={`broker ${self.id}`} command={describe} note={`Rivven ${self.version}`} />
      <Figure label="State" value={self.state} command={describe} />
      <Figure
        label="Leads"
        value={count(self.partitions)}
        command="rivvenctl cluster describe --leaders"
        note="partitions"
      />
      <Figure
        label="Coordinates"
        value={count(self.coordinates)}
        command={describe}
        note="partitions of groups and transactions"
      />
      {self.leaseAgeMs !== null && (
        <Figure label="Lease" value={millis(self.leaseAgeMs)} command={describe} note="since it was last renewed" />
      )}
    </Figures>
  )
}

function Brokers({ page, chosen }: { page: Cluster; chosen: number }) {
  return (
    <Table
      caption="Brokers"
      columns={brokerColumns(chosen)}
      rows={page.brokers}
      keyOf={({ id }) => String(id)}
      commandOf={({ id, isDraining }) => `rivvenctl cluster ${isDraining ? 'undrain' : 'drain'} ${id}`}
    />
  )
}
