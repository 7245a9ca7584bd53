import { type Admin, RivvenError, type TransactionToAbort } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure, UsageError } from '../failure.js'
import { partitionsOf } from '../partitions.js'
import { counted } from '../text/words.js'

interface AbortOptions {
  topic?: string
  partition?: number
  producerId?: number
  dryRun?: boolean
}

export async function abortTransaction(
  context: CommandContext,
  transactionalId: string | undefined,
  options: AbortOptions,
): Promise<void> {
  const { topic, partition, producerId } = options
  if (transactionalId !== undefined) {
    if (topic !== undefined || partition !== undefined || producerId !== undefined)
      throw new UsageError('Name a transactional id, or --topic, --partition and --producer-id, not both.')
    return abortById(context, transactionalId, options)
  }
  if (topic === undefined || partition === undefined || producerId === undefined)
    throw new UsageError('Name a transactional id; or, for one that hangs, --topic, --partition and --producer-id.')
  return abortHanging(context, { topic, partition, producerId }, options)
}

async function abortById(context: CommandContext, transactionalId: string, options: AbortOptions): Promise<void> {
  const admin = await context.admin()
  const { state, producerId, producerEpoch, partitions } = await describe(admin, transactionalId)
  const what = `producer ${producerId} with epoch ${producerEpoch} (${state}, ${counted(partitions.length, 'partition')})`
  if (options.dryRun) {
    context.terminal.words(`Would shut out ${what}. Nothing was changed (--dry-run).\n`)
    return
  }
  const [fenced] = await admin.fenceProducers([transactionalId])
  const done = partitions.length > 0 ? 'Its transaction was aborted' : 'It had no transaction open'
  context.terminal.words(
    `Shut out ${what}. ${done}; the epoch is ${fenced!.producerEpoch} now, and its application has to start anew.\n`,
  )
}

/** Fencing would make an id that is not there; a mistyped one is an error. */
async function describe(admin: Admin, transactionalId: string) {
  try {
    const [found] = await admin.describeTransactions([transactionalId])
    return found!
  } catch (error) {
    if (!(error instanceof RivvenError) || error.code !== 'TRANSACTIONAL_ID_NOT_FOUND') throw error
    const text = `There is no transactional id "${transactionalId}". \`rivvenctl transaction list\` shows which there are.`
    throw new Failure('absent', text, { cause: error })
  }
}

async function abortHanging(
  context: CommandContext,
  hanging: { topic: string; partition: number; producerId: number },
  options: AbortOptions,
): Promise<void> {
  const admin = await context.admin()
  const transaction = await openTransaction(admin, hanging)
  const { topic, partition, producerId } = hanging
  const what = `the transaction of producer ${producerId} in ${topic}/${partition}, open since offset ${transaction.start}`
  if (options.dryRun) {
    context.terminal.words(`Would abort ${what}. Nothing was changed (--dry-run).\n`)
    return
  }
  await admin.abortTransaction(transaction)
  context.terminal.words(`Aborted ${what}.\n`)
}

async function openTransaction(
  admin: Admin,
  { topic, partition, producerId }: { topic: string; partition: number; producerId: number },
): Promise<TransactionToAbort & { start: number }> {
  await partitionsOf(admin, topic, [partition])
  const [found] = await admin.describeProducers([{ topic, partition }])
  const producer = found!.producers.find((entry) => entry.producerId === producerId)
  const see = `\`rivvenctl transaction describe --topic ${topic} --partition ${partition}\` shows who wrote there.`
  if (!producer)
    throw new Failure('absent', `No producer ${producerId} has written to ${topic}/${partition} of late. ${see}`)
  const { producerEpoch, coordinatorEpoch, transactionStartOffset } = producer
  if (transactionStartOffset === null)
    throw new Failure('absent', `Producer ${producerId} has no transaction open in ${topic}/${partition}. ${see}`)
  return { topic, partition, producerId, producerEpoch, coordinatorEpoch, start: transactionStartOffset }
}
