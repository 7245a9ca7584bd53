import { allChecks, type Severity, severities } from '@rivven/doctor'
import { type Command, Option } from 'commander'
import { type Run, repeated } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { diagnoseByAnyBroker } from '../doctor/by-any-broker.js'
import { diagnoseByRivven } from '../doctor/by-rivven.js'
import type { Examined } from '../doctor/examined.js'
import { findingColumns, findingRow, pageText, summary, typedAtSameCluster } from '../doctor/page.js'
import { withKeys } from '../doctor/with-keys.js'
import { Failure, UsageError } from '../failure.js'
import { flushedUnlessStopped } from '../terminal/stop.js'
import { printable, renderRows, renderValue } from '../text/output.js'
import { requireGroup } from './group/group-describe.js'

export function addDoctorCommand(program: Command, run: Run): void {
  program
    .command('doctor')
    .argument('[groups...]')
    .option('--ignore <checks>', 'leave out findings of these checks, as idle-members,hot-key', repeated)
    .addOption(
      new Option('--fail-on <severity>', 'exit status 8 if there is a finding as bad, or worse').choices([
        ...severities,
      ]),
    )
    .option('--quick', 'look once, not twice: what shows only as time goes on is left out')
    .option('--show-keys', 'name keys of records that come too often')
    .description('what is wrong with groups, and what to do about it')
    .action(run(seeDoctor))
}

interface DoctorOptions {
  ignore?: readonly string[]
  failOn?: Severity
  quick?: boolean
  showKeys?: boolean
}

async function seeDoctor(context: CommandContext, names: readonly string[], options: DoctorOptions): Promise<void> {
  const ignored = checksNamed(options.ignore ?? [])
  const admin = await context.admin()
  for (const name of names) await requireGroup(admin, name)
  const examined = without(await examine(context, [...new Set(names)], options), ignored)
  show(context, examined)
  await flushedUnlessStopped(context.terminal, context.runtime.clock)
  if (options.failOn) failOn(examined, options.failOn)
}

async function examine(
  context: CommandContext,
  names: readonly string[],
  { quick = false, showKeys = false }: DoctorOptions,
): Promise<Examined> {
  const byRivven = await diagnoseByRivven(await context.admin(), names)
  return byRivven ? withKeys(context, byRivven, showKeys) : diagnoseByAnyBroker(context, names, { quick, showKeys })
}

function checksNamed(words: readonly string[]): string[] {
  const ids = words.flatMap((word) => word.split(','))
  const known = allChecks.map(({ id }) => id)
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) throw new UsageError(`There is no check "${unknown}". There are ${known.join(', ')}.`)
  return ids
}

function without(examined: Examined, ignored: readonly string[]): Examined {
  const counts = ({ check }: { check: string }) => !ignored.includes(check)
  const [findings, notLookedAt] = [examined.findings.filter(counts), examined.notLookedAt.filter(counts)]
  return { ...examined, findings, notLookedAt }
}

function show(context: CommandContext, { words = [], ...found }: Examined): void {
  const { output, terminal, runtime, options } = context
  const examined = typedAtSameCluster(found, options)
  if (output === 'json' || output === 'yaml') terminal.out(renderValue(output, examined))
  else if (output === 'csv' || output === 'ndjson')
    terminal.out(renderRows(output, findingColumns, examined.findings.map(findingRow)))
  else terminal.out(pageText(examined, runtime.clock.now(), { wide: output === 'wide' }))
  for (const line of words) terminal.words(`${line}\n`)
}

function failOn({ findings }: Examined, least: Severity): void {
  const bad = findings.filter(({ severity }) => severities.indexOf(severity) <= severities.indexOf(least))
  if (bad.length > 0) throw new Failure('above', `${summary(bad)}, the first: ${printable(bad[0]!.title)}.`)
}
