import { type Admin, type QuotaEntity, type Quotas, quotaEntityText, quotaKeys } from '@rivven/client'
import { wordsOnAbsent } from '../acl/absent.js'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { type EntityOptions, flagsFor, neededEntity } from '../quota/entity.js'
import { assignmentsOf, keyIn, valuesIn } from '../quota/values.js'
import { commandText } from '../text/command-text.js'
import { listed } from '../text/words.js'

export async function setQuotas(
  context: CommandContext,
  assignments: readonly string[],
  options: EntityOptions,
): Promise<void> {
  const entity = neededEntity(options)
  const quotas = valuesIn(assignments)
  const admin = await context.admin()
  await admin.alterQuotas([{ ...entity, quotas }])
  context.terminal.words(`Set for ${quotaEntityText(entity)}: ${assignmentsOf(quotas).join(', ')}.\n`)
  const principals = typeof entity.user === 'string' ? [`User:${entity.user}`] : []
  context.terminal.words(await wordsOnAbsent(admin, principals, []))
}

/** Says afterwards what takes it back. */
export async function removeQuotas(
  context: CommandContext,
  words: readonly string[],
  options: EntityOptions,
): Promise<void> {
  const entity = neededEntity(options)
  const keys = words.map(keyIn)
  const admin = await context.admin()
  const has = await quotasOf(admin, entity)
  mustAllBeThere(entity, { has, asked: keys })
  const taken = keys.length === 0 ? has : pick(has, keys)
  await admin.alterQuotas([{ ...entity, quotas: Object.fromEntries(Object.keys(taken).map((key) => [key, null])) }])
  const again = commandText('quota set', [], [...flagsFor(entity), ...assignmentsOf(taken)])
  const what = listed(Object.keys(taken), quotaKeys.length)
  context.terminal.words(`Removed ${what} of ${quotaEntityText(entity)}. \`${again}\` sets it again.\n`)
}

/** Of exactly this entity; none where it has none. */
async function quotasOf(admin: Admin, entity: QuotaEntity): Promise<Quotas> {
  const [found] = await admin.describeQuotas({ ...entity, strict: true })
  return found?.quotas ?? {}
}

function pick(quotas: Quotas, keys: readonly (keyof Quotas)[]): Quotas {
  return Object.fromEntries(Object.entries(quotas).filter(([key]) => keys.includes(key as keyof Quotas)))
}

/** What is not there is most often mistyped. */
function mustAllBeThere(entity: QuotaEntity, { has, asked }: { has: Quotas; asked: readonly (keyof Quotas)[] }): void {
  const there = Object.keys(has)
  const whose = quotaEntityText(entity)
  if (there.length === 0)
    throw new Failure(
      'absent',
      `There is no quota for ${whose}: nothing was removed. \`rivvenctl quota list\` shows which there are.`,
    )
  const absent = asked.filter((key) => has[key] === undefined)
  if (absent.length > 0)
    throw new Failure(
      'absent',
      `There is no ${listed(absent)} for ${whose}, only ${listed(there, there.length)}: nothing was removed.`,
    )
}
