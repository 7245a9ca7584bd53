import { errorFromCode, RivvenError, standsFor } from '@rivven/link'
import { Produce } from '@rivven/protocol'
import type { PartitionQueue } from './partition-queue.js'
import type { Parcel, PartitionAnswer } from './produce-request.js'
import type { ProducerBatch } from './producer-batch.js'

/** What the broker said against a batch, with its own words. */
export function refusedError({ queue, batch }: Parcel, answer: PartitionAnswer): RivvenError {
  const { topic, partition } = queue
  const told = answer.recordErrors.map((record) => record.batchIndexErrorMessage ?? `record ${record.batchIndex}`)
  const reason = [answer.errorMessage, ...told].filter((text) => text !== null && text !== '').join('; ')
  const what = `Producing ${batch.count} records to ${topic}/${partition}`
  const hint = reason === '' ? {} : { hint: `The broker says: ${reason}` }
  return errorFromCode(answer.errorCode, what, {
    facts: { topic, partition, api: Produce.name, operation: 'WRITE' },
    ...hint,
  })
}

/** The error of a request as that of one partition in it. */
export function lostError({ topic, partition }: PartitionQueue, broker: number, error: RivvenError): RivvenError {
  const { code, message, retriable, cause } = error
  const facts = { ...error.facts, topic, partition, broker }
  return standsFor(new RivvenError(code, message, { retriable, cause, facts }), [error])
}

export function leftOutError({ topic, partition }: PartitionQueue): RivvenError {
  const text = `The broker's answer says nothing about ${topic}/${partition}, which was in the request.`
  return new RivvenError('INVALID_RESPONSE', text, { retriable: true, facts: { topic, partition } })
}

/** The producer was closed, and has waited for as long as it was to. */
export function closedError(batch: ProducerBatch): RivvenError {
  const { topic, partition, count, attempts, lastError } = batch
  const last = lastError ? ` Last: ${lastError.message}` : ''
  const text = `The producer was closed before ${count} records for ${topic}/${partition} were acknowledged.${last}`
  return new RivvenError('CLIENT_CLOSED', text, {
    cause: lastError ?? undefined,
    facts: { topic, partition, attempts },
  })
}

export function lateError(batch: ProducerBatch, deliveryTimeoutMs: number): RivvenError {
  const { topic, partition, count, attempts } = batch
  const last = batch.lastError ? ` Last: ${batch.lastError.message}` : ''
  const text = `${count} records for ${topic}/${partition} were not acknowledged within ${deliveryTimeoutMs} ms.${last}`
  const facts = { topic, partition, attempts }
  return new RivvenError('TIMED_OUT', text, { retriable: true, cause: batch.lastError ?? undefined, facts })
}
