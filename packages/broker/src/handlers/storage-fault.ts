import { ErrorCode } from '@rivven/protocol'
import { descriptorSentence } from '@rivven/runtime'
import type { BrokerServices } from './handler.js'

export interface StorageFault {
  readonly errorCode: number
  readonly errorMessage: string
}

/**
 * Does what has to be stored before it is answered. Where the disk refuses, that is the answer, and the log tells the
 * operator; anything else is a bug and is thrown on.
 */
export async function storageFault(
  work: () => Promise<unknown>,
  { log }: Pick<BrokerServices, 'log'>,
): Promise<StorageFault | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error
    log.error({ error }, 'a change of topics could not be stored')
    const why = descriptorSentence(error) ?? (error as Error).message
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage: `The broker could not store it: ${why}` }
  }
}
