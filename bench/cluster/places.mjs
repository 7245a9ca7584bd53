// Where figures are taken: one broker on files, one on PostgreSQL, or several there. Each is a place like run.mjs has them.

import { freePort } from '../../test/dist/support/free-port.js'
import { RivvendProcess } from '../../test/dist/support/rivvend-process.js'

const usual = { http: 'off', log_level: 'silent', num_partitions: 6, group_initial_rebalance_delay_ms: 0 }

/**
 * Starts `count` brokers; `argsOf` says where the one with an id stores, `server` is their PostgreSQL. They end with `end`.
 */
export async function startBrokers(label, { count = 1, argsOf, settings = {}, server }) {
  const brokers = []
  for (let id = 1; id <= count; id++) {
    const own = { ...usual, ...settings, node_id: id }
    brokers.push(new RivvendProcess({ port: await freePort(), args: argsOf(id), settings: own }))
  }
  const end = () => Promise.all(brokers.map((broker) => broker.end('SIGTERM')))
  try {
    await Promise.all(brokers.map((broker) => broker.start()))
  } catch (error) {
    await end()
    throw error
  }
  const addresses = brokers.map(({ address }) => address)
  return {
    label,
    brokers,
    address: addresses[0],
    bootstrapServers: addresses.join(','),
    pids: brokers.map(({ pid }) => pid),
    databasePid: server?.pid,
    end,
  }
}

/** A schema of one's own on a server, for `--storage`. */
export const inSchema = (server, schema, port = server.port) => [
  '--storage',
  `${server.url.replace(/:\d+\//, `:${port}/`)}?schema=${schema}`,
]
