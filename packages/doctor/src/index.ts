export { allChecks } from './all-checks.js'
export { type CauseWords, causeWords, saysMore } from './causes.js'
export type { Check } from './check.js'
export { unownedPartitions } from './checks/assignment/no-owner.js'
export { type HotPartition, hotPartitions } from './checks/lag/hot-partition.js'
export { type ConfigLine, lineText } from './clients/config-lines.js'
export { settings } from './clients/settings.js'
export { commandText, quoted } from './command-text.js'
export { type Absences, type Diagnosis, diagnose, type NotLookedAt, together } from './diagnose.js'
export type {
  GroupFact,
  MemberFact,
  NewestFact,
  PartitionFact,
  Place,
  TopicFact,
  TransactionFact,
} from './facts/any-broker-facts.js'
export type {
  BrokerFacts,
  CommitLoadFact,
  DiskFact,
  LoopFact,
  OpenListenerFact,
} from './facts/broker-facts.js'
export type { FactName, Facts } from './facts/facts.js'
export type {
  DepartureFact,
  ExpiryFact,
  HandOverFact,
  HistoryFacts,
  ReadFact,
  RefusedCommitsFact,
  ReplacementsFact,
  SignsFact,
} from './facts/history-facts.js'
export { isUnchanged, type Look, paceOf } from './facts/pace-of-looks.js'
export type { EventLoopFact, PollsFact } from './facts/telemetry-facts.js'
export type { KeyCount, KeySample, PaceFact } from './facts/two-look-facts.js'
export {
  type Evidence,
  type Finding,
  type Found,
  type Severity,
  type Subject,
  severities,
  type Unit,
} from './finding.js'
export { counted, listed } from './words.js'
