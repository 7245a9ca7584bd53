import type { Command } from 'commander'
import type { Run } from '../command-line.js'
import { describeCluster } from './cluster-describe.js'
import { drainBroker, undrainBroker } from './cluster-drain.js'

export function addClusterCommands(program: Command, run: Run): void {
  const cluster = program.command('cluster').description('see the brokers, and take one out of service')
  cluster
    .command('describe')
    .option('--leaders', 'instead: who leads each partition, and in which epoch')
    .option('--moves', 'instead: which partitions have changed hands, why, and for how long nobody led them')
    .description('brokers, what each leads and coordinates, and what is being moved')
    .action(run(describeCluster))
  cluster
    .command('drain')
    .argument('<broker>', 'its id')
    .option('--wait', 'end when it leads nothing any more')
    .description('let a broker hand over what it leads, and give it nothing')
    .action(run(drainBroker))
  cluster
    .command('undrain')
    .argument('<broker>', 'its id')
    .description('let a broker lead again: it gets its share in small steps')
    .action(run(undrainBroker))
}
