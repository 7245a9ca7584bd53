import { ErrorCode } from '@rivven/protocol'
import { descriptorSentence } from '@rivven/runtime'
import { isPassing } from '../database/database-error.js'
import type { BrokerServices } from './handler.js'

export interface StorageFault {
  readonly errorCode: number
  readonly errorMessage: string
}

/**
 * Does what has to be stored before it is answered. Where the disk refuses, that is the answer, and the log tells the
 * operator; where what brokers share cannot be reached, clients try again, as with a controller that is gone. Anything else
 * is a bug and is thrown on.
 */
export async function storageFault(
  work: () => Promise<unknown>,
  services: Pick<BrokerServices, 'log'>,
): Promise<StorageFault | undefined> {
  const stored = await storedOr(services, async () => ({ result: await work() }))
  return 'errorCode' in stored ? stored : undefined
}

/** The same where what came of it is wanted, too. */
export async function storedOr<Stored extends object>(
  { log }: Pick<BrokerServices, 'log'>,
  work: () => Promise<Stored>,
): Promise<Stored | StorageFault> {
  try {
    return await work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (isPassing(error)) {
      return {
        errorCode: ErrorCode.NOT_CONTROLLER,
        errorMessage: `What the brokers share cannot be reached: ${message}`,
      }
    }
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error
    log.error({ error }, 'a change could not be stored')
    const why = descriptorSentence(error) ?? message
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage: `The broker could not store it: ${why}` }
  }
}
