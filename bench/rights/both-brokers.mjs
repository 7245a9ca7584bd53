// Two brokers in one process, one that looks up what its clients may do and one that does not, each on files and a port of its own:
// one and the same compiled code, one heap, one place in memory. Two processes with the same code differ by more than rights cost.
// Prints `ready` when both listen, and ends with its input: node both-brokers.mjs FOLDER PORT PORT
import { join } from 'node:path'
import { Broker, brokerConfig, fileStorage, silentLog } from '@rivven/broker'
import { nodeRuntime } from '@rivven/runtime'

const [folder, ...ports] = process.argv.slice(2)
const runtime = nodeRuntime()

async function start(authorizer, port) {
  const values = {
    listen: `127.0.0.1:${port}`,
    http: 'off',
    authorizer_class_name: authorizer,
    allow_everyone_if_no_acl_found: true,
    num_partitions: 6,
    group_initial_rebalance_delay_ms: 0,
  }
  const config = brokerConfig([{ from: 'the bench', values }])
  const storage = await fileStorage(join(folder, authorizer), runtime)
  return Broker.start({ config, runtime, storage, log: silentLog() })
}

const brokers = [await start('standard', ports[0]), await start('none', ports[1])]
console.log('ready')
process.stdin.resume().on('end', async () => {
  await Promise.all(brokers.map((broker) => broker.close()))
  process.exit()
})
