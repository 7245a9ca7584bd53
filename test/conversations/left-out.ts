import type { Conversation } from './conversation.js'

export interface LeftOut {
  why: string
  /** Only these steps, counted from 1; absent: the whole conversation. */
  steps?: number[]
}

const quotas: LeftOut = { why: 'client quotas can be shown, and not yet be set' }
const oauthbearer: LeftOut = { why: 'OAUTHBEARER is not served yet' }
const accident =
  'the first producer id that this Kafka was asked for came late (error 14, to be tried again); ours never does'

/** What `npm test` does not play of the recordings, by `folder/file`. A test sees that nothing else is passed over. */
export const leftOut: Readonly<Record<string, LeftOut>> = {
  'security-open/without-an-acl-everything-is-allowed': { why: accident, steps: [4] },
  'security-restart/users-acls-and-quotas-outlive-a-kill': { ...quotas, steps: [4, 12] },
  'security-restart/users-acls-and-quotas-outlive-a-stop': { ...quotas, steps: [4, 12] },
  'security/a-bad-quota-does-not-stop-the-others': quotas,
  'security/a-consumer-above-its-quota-gets-an-empty-answer-and-waits': quotas,
  'security/a-key-twice-and-an-entity-twice': quotas,
  'security/a-producer-above-its-quota-is-answered-at-once-and-then-not-read': quotas,
  'security/a-quota-for-a-user-and-a-client-id-goes-before-that-of-the-user': quotas,
  'security/another-connection-of-a-throttled-user-is-read-until-its-own-request': quotas,
  'security/both-versions-of-the-quota-apis': quotas,
  'security/default-quotas-of-users-for-one-client': quotas,
  'security/fractions-and-large-numbers-of-quotas': quotas,
  'security/odd-names-in-quotas': quotas,
  'security/quotas-may-be-seen-with-describe-configs-and-altered-with-alter-configs-on-the-cluster': quotas,
  'security/quotas-of-a-user-are-set-shown-and-taken-away': quotas,
  'security/quotas-of-an-address': quotas,
  'security/quotas-of-one-user-do-not-slow-another': quotas,
  'security/quotas-of-users-clients-and-both': quotas,
  'security/quotas-that-are-only-checked': quotas,
  'security/quotas-that-cannot-be-set': quotas,
  'security/who-makes-too-many-partitions-is-told-so': quotas,
  'security-oauthbearer/a-new-token-prolongs-the-session': oauthbearer,
  'security-oauthbearer/a-token-logs-in-as-its-subject-until-it-is-over': oauthbearer,
  'security-oauthbearer/a-token-that-is-over-is-refused-in-two-steps': oauthbearer,
  'security-oauthbearer/an-authorization-id-of-oauthbearer-is-empty-or-the-subject': oauthbearer,
  'security-oauthbearer/first-messages-of-oauthbearer-that-are-none': oauthbearer,
  'security-oauthbearer/something-else-than-a-byte-1-after-a-bad-token': oauthbearer,
  'security-oauthbearer/the-end-of-a-token-ends-the-session': oauthbearer,
  'security-oauthbearer/tokens-without-a-subject-an-end-or-a-beginning': oauthbearer,
}

/** A recording as it is played: without the steps that are left out; undefined where nothing of it is. */
export function playable(place: string, conversation: Conversation): Conversation | undefined {
  const out = leftOut[place]
  if (!out) return conversation
  if (!out.steps) return undefined
  return { ...conversation, steps: conversation.steps.filter((_, index) => !out.steps?.includes(index + 1)) }
}
