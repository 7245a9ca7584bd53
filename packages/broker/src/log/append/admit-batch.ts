// Hot path: every produced batch passes here.
import {
  batchHasLogAppendTime,
  batchIsControl,
  batchIsTransactional,
  batchMaxTimestamp,
  batchProducerId,
  ErrorCode,
} from '@rivven/protocol'
import type { TopicLogConfig } from '../logs.js'
import type { AppendOptions, AppendResult } from '../partition-log.js'
import { type BatchDescriptor, checkMarkerBatch, type ProducerStates } from '../state/producer-states.js'
import { notAppended, refused } from './append-results.js'
import { validateProducedBatch } from './validate-batch.js'

/** Transactional writes of this version on add their partition by themselves and begin with sequence 0 (KIP-890). */
const PRODUCE_WITH_IMPLICIT_PARTITIONS = 12

/** What of a log decides whether a batch may be appended to it. */
export interface AdmittingLog {
  readonly topic: string
  readonly partition: number
  readonly config: TopicLogConfig
  readonly logStartOffset: number
  readonly producers: ProducerStates
}

export interface AdmittedBatch {
  batch: Buffer
  logAppendTimeMs: number
}

export type Admission =
  | ({ kind: 'admitted' } & AdmittedBatch)
  /** It is stored already. */
  | { kind: 'repeated'; batch: Buffer; known: BatchDescriptor }
  | { kind: 'refused'; result: AppendResult }

/** Whether a batch may be appended: its bytes and records, and where it stands in its producer's sequence. */
export function admitBatch(log: AdmittingLog, records: Buffer, options: AppendOptions, now: number): Admission {
  if (options.origin === 'coordinator') return admitOwn(log, records, options)
  const validation = { config: log.config, produceVersion: options.produceVersion ?? 0, now }
  const validated = validateProducedBatch(records, validation)
  if (validated.kind === 'refused') return { kind: 'refused', result: refused(validated, log.logStartOffset) }
  const { batch, logAppendTimeMs } = validated
  if (batchProducerId(batch) >= 0) {
    const verdict = log.producers.check(batch, startsAtZero(batch, options))
    if (typeof verdict === 'object') return { kind: 'repeated', batch, known: verdict }
    if (verdict !== ErrorCode.NONE) return { kind: 'refused', result: refusedAt(log, verdict, batch) }
  }
  return { kind: 'admitted', batch, logAppendTimeMs }
}

/** A batch that has no place in this log. */
export function refusedAt(log: AdmittingLog, errorCode: number, batch: Buffer): AppendResult {
  const message = `Producer ${batchProducerId(batch)} may not write this batch to ${log.topic}-${log.partition}.`
  return notAppended(errorCode, message, log.logStartOffset)
}

/** Batches of the broker itself: nothing is checked but that markers are not late. */
function admitOwn(log: AdmittingLog, batch: Buffer, { transactionVersion }: AppendOptions): Admission {
  if (batchIsControl(batch)) {
    const errorCode = checkMarkerBatch(log.producers, batch, transactionVersion)
    if (errorCode !== ErrorCode.NONE) return { kind: 'refused', result: refusedAt(log, errorCode, batch) }
  }
  return {
    kind: 'admitted',
    batch,
    logAppendTimeMs: batchHasLogAppendTime(batch) ? batchMaxTimestamp(batch) : -1,
  }
}

function startsAtZero(batch: Buffer, { produceVersion }: AppendOptions): boolean {
  return (produceVersion ?? 0) >= PRODUCE_WITH_IMPLICIT_PARTITIONS && batchIsTransactional(batch)
}
