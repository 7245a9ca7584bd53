// `npm run exactly-once`: 100,000 messages copied by three processes while they and the broker are killed, then compared.
// `-- --messages 20000` makes it smaller. RIVVEN_TEST_KAFKA=HOST:PORT takes that broker, which is then not killed.
import { parseArgs } from 'node:util'
import { runCampaign } from './campaign.js'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '100000' } } })
const startedAt = performance.now()
const say = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`)
const size = {
  messages: Number(values.messages),
  partitions: 9,
  copiers: 3,
  perTransaction: 750,
  clientKills: 3,
  brokerKills: process.env.RIVVEN_TEST_KAFKA ? 0 : 3,
  sessionTimeoutMs: 6000,
  patienceMs: 60_000,
}
const { lost, twice, outOfOrder, aborted, spoilt, failures, seconds } = await runCampaign(size, say)
say(`${size.messages} messages in ${seconds.toFixed(1)} s; ${failures} calls failed on the way and were made up for`)
say(`lost ${lost}, twice ${twice}, out of order ${outOfOrder}, of ${spoilt} aborted transactions seen: ${aborted}`)
process.exit(lost + twice + outOfOrder + aborted === 0 ? 0 : 1)
