interface ProblemKind {
  readonly status: number
  readonly title: string
  /** What to do about it. */
  readonly hint?: string
}

const loading = 'Try again: it takes a moment.'
const needsRight = '`missing` names the right; `rivvenctl acl allow` gives it.'

/** All that a call may be refused with, by code: what docs/api.md lists. */
const table = {
  INVALID_PARAMETER: { status: 400, title: 'A parameter is none, or has no fitting value' },
  INVALID_CURSOR: {
    ...{ status: 400, title: 'The cursor is not of this list' },
    hint: 'Send what `next` of the page before said, with the same sort and order.',
  },
  INVALID_NAME: {
    ...{ status: 400, title: 'The path holds no name' },
    hint: 'Write names as encodeURIComponent does, with a ~ in front of an empty one, of ., of .. and of those that begin with ~.',
  },
  INVALID_JSON: { status: 400, title: 'The body is no JSON' },
  LOGIN_NEEDED: { status: 401, title: 'One must log in' },
  LOGIN_FAILED: { status: 401, title: 'The login failed' },
  TOPIC_AUTHORIZATION_FAILED: { status: 403, title: 'No right to the topic', hint: needsRight },
  GROUP_AUTHORIZATION_FAILED: { status: 403, title: 'No right to the group', hint: needsRight },
  CLUSTER_AUTHORIZATION_FAILED: { status: 403, title: 'No right on the cluster', hint: needsRight },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: { status: 403, title: 'No right to the transactional id', hint: needsRight },
  NOT_SHOWN: {
    ...{ status: 403, title: 'This address does not show it to whoever asks' },
    hint: 'docs/broker.md says who may see what.',
  },
  ACTIONS_OFF: {
    ...{ status: 403, title: 'Nothing is changed over HTTP here' },
    hint: 'Use rivvenctl, or set http_actions.',
  },
  RECORDS_OFF: { status: 403, title: 'Contents of records are not shown here', hint: 'Set http_records to on.' },
  ACTION_HEADER_MISSING: {
    ...{ status: 403, title: 'A change must say that it is meant' },
    hint: 'Send the header x-rivven-action: 1.',
  },
  FOREIGN_ORIGIN: { status: 403, title: 'Changes are taken from pages of this address alone' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this path' },
  GROUP_NOT_FOUND: {
    status: 404,
    title: 'There is no such group',
    hint: '`rivvenctl group list` shows which there are.',
  },
  MEMBER_NOT_FOUND: { status: 404, title: 'None of these is a member of the group' },
  TOPIC_NOT_FOUND: {
    status: 404,
    title: 'There is no such topic',
    hint: '`rivvenctl topic list` shows which there are.',
  },
  PARTITION_NOT_FOUND: { status: 404, title: 'The topic has no such partition' },
  RECORD_NOT_FOUND: { status: 404, title: 'There is no record at this offset' },
  SNAPSHOT_NOT_FOUND: {
    ...{ status: 404, title: 'There is no such snapshot of offsets' },
    hint: '`rivvenctl group snapshots` shows which there are.',
  },
  TRANSACTION_NOT_FOUND: { status: 404, title: 'There is no such transactional id' },
  BROKER_NOT_FOUND: { status: 404, title: 'There is no such broker here' },
  SECURITY_DISABLED: { status: 404, title: 'There is no authorizer', hint: 'Set authorizer_class_name to standard.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This path takes other methods' },
  GROUP_NOT_EMPTY: {
    ...{ status: 409, title: 'The group has members' },
    hint: 'Stop its consumers, or remove them from the group first. Offsets can be moved with `live`.',
  },
  RESET_IN_PROGRESS: { status: 409, title: 'Another reset is under way', hint: loading },
  ANONYMOUS_COMMITS: {
    ...{ status: 409, title: 'Commits may come that nothing fences' },
    hint: 'Stop the group, or say `force`: what its producers commit later then counts.',
  },
  NOBODY_TO_TAKE: { status: 409, title: 'No other broker is here to take what this one leads' },
  TRANSACTION_BUSY: { status: 409, title: 'The transaction is being ended', hint: loading },
  OFFSETS_CHANGED: { status: 412, title: 'The offsets are not those of the plan', hint: 'Make a new plan.' },
  BODY_NOT_TAKEN: { status: 413, title: 'Who asks for something to be shown sends no body' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  VALUE_TOO_LARGE: { status: 413, title: 'The value is too large to be shown', hint: 'Ask for it with download=true.' },
  WRONG_CONTENT_TYPE: {
    ...{ status: 415, title: 'What is to be changed comes as JSON' },
    hint: 'Send content-type: application/json.',
  },
  ELSEWHERE: { status: 421, title: 'Another broker answers this', hint: '`broker` says which one.' },
  WRONG_HOST: {
    ...{ status: 421, title: 'This address answers to other names' },
    hint: 'Use a name of this machine, or set http_allowed_hosts.',
  },
  TOO_MANY_READS: { status: 429, title: 'Records are being read for others', hint: loading },
  TOO_MANY_STREAMS: { status: 429, title: 'There are too many streams of events', hint: 'Close one of them.' },
  INTERNAL_ERROR: { status: 500, title: 'This failed by a bug of the broker', hint: 'Its log says more.' },
  NOT_READY: { status: 503, title: 'The broker is not ready yet', hint: '/health/ready says what is missing.' },
  LOADING: { status: 503, title: 'It is being loaded', hint: loading },
  COORDINATOR_NOT_AVAILABLE: { status: 503, title: 'No broker coordinates it now', hint: loading },
  LEADER_NOT_AVAILABLE: { status: 503, title: 'No broker leads the partition now', hint: loading },
  BROKER_NOT_AVAILABLE: { status: 503, title: 'Another broker does not answer', hint: loading },
  STORAGE_ERROR: { status: 503, title: 'The storage does not answer' },
  RESET_UNDECIDED: {
    ...{ status: 503, title: 'Whether it is stored is not known' },
    hint: 'The snapshots of the group tell: all of it is stored, or nothing.',
  },
  NOT_CONSUMERS: { status: 422, title: 'The members of the group are no consumers' },
  TOO_MANY_OFFSETS: { status: 422, title: 'There are too many offsets', hint: 'Move some of them at a time.' },
  REFUSED: { status: 422, title: 'This cannot be done' },
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemCode = keyof typeof table

export const problems: Readonly<Record<ProblemCode, ProblemKind>> = table
