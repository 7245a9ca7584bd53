import type { Command } from 'commander'
import type { Run } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { addEntityOptions, type EntityOptions, entityIn } from '../quota/entity.js'
import { quotaColumns, quotaRows } from '../quota/quota-rows.js'
import { renderRows } from '../text/output.js'
import { removeQuotas, setQuotas } from './quota-change.js'

export function addQuotaCommands(program: Command, run: Run): void {
  const quota = program.command('quota').description('see and change how much users, client ids and addresses may do')
  addEntityOptions(quota.command('list').alias('describe'))
    .description('quotas: all, or those in which these names stand')
    .action(run(listQuotas))
  addEntityOptions(quota.command('set').argument('<key=value...>', 'producer_byte_rate=1048576'))
    .description('set quotas; others of the same stay as they are')
    .action(run(setQuotas))
  addEntityOptions(quota.command('remove').argument('[keys...]', 'producer_byte_rate (default: all it has)'))
    .description('take quotas away')
    .action(run(removeQuotas))
}

async function listQuotas(context: CommandContext, options: EntityOptions): Promise<void> {
  const filter = entityIn(options)
  const admin = await context.admin()
  context.terminal.out(renderRows(context.output, quotaColumns, quotaRows(await admin.describeQuotas(filter))))
}
