import type { Mutant } from './mutant.js'

const security = 'broker/dist/src/security'
const gate = 'broker/dist/src/net/authentication/sasl-gate.js'
const handlers = 'broker/dist/src/handlers'
const link = 'link/dist/src'

/** Bugs around who comes in, for how long, and who may do what. */
export const securityMutants: readonly Mutant[] = [
  {
    name: 'requests pass behind the end of a session',
    file: gate,
    find: "return now < this.#endsAt ? undefined : closed('its session is over and it has not logged in again');",
    replace: 'return undefined;',
  },
  {
    name: 'requests pass in the middle of a login',
    file: gate,
    find: "return this.#fail(outOfPlace(api, header, frame), 'another request in the middle of its login', { login, header });",
    replace: 'return undefined;',
  },
  {
    name: 'old passwords let in until a restart',
    file: `${security}/users/user-store.js`,
    find: 'this.#known = document;',
    replace: 'this.#known = { ...document, users: new Map([...document.users, ...this.#known.users]) };',
  },
  {
    name: 'rights are remembered over a change',
    file: `${security}/authorizer.js`,
    find: 'return this.#acls.version;',
    replace: 'return 0;',
  },
  {
    name: 'what is denied is allowed nevertheless',
    file: `${security}/acls/operations.js`,
    find: 'return implied(allowed) & ~denied;',
    replace: 'return implied(allowed);',
  },
  {
    name: 'a waiting fetch brings what may not be read any more',
    file: `${handlers}/data/fetch.js`,
    find: 'reading.withhold(mayRead);',
    replace: '',
  },
  {
    name: 'who may write in transactions may write anywhere',
    file: `${handlers}/data/produce.js`,
    find: "return denial(context, 'WRITE', 'TOPIC', topic?.name ?? name);",
    replace:
      "return transactionalId === null ? denial(context, 'WRITE', 'TOPIC', topic?.name ?? name) : ErrorCode.NONE;",
    also: {
      file: `${handlers}/data/produce.js`,
      find: 'function topicFault({ name }, topic, { context }) {',
      replace: 'function topicFault({ name }, topic, { context, request: { transactionalId } }) {',
    },
  },
  {
    name: 'members may stay in a group that they may not read any more',
    file: `${handlers}/groups/heartbeat.js`,
    find: "const denied = denial(context, 'READ', 'GROUP', request.groupId);",
    replace: 'const denied = ErrorCode.NONE;',
  },
  {
    name: 'who may not write in a transaction any more may end it',
    file: `${handlers}/transactions/end-txn.js`,
    find: "const denied = denial(context, 'WRITE', 'TRANSACTIONAL_ID', request.transactionalId);",
    replace: 'const denied = ErrorCode.NONE;',
  },
  {
    name: 'nobody logs in again before the session ends',
    file: `${link}/opening/login.js`,
    find: 'live.loginDueAt = lifetimeMs > 0 ?',
    replace: 'live.loginDueAt = false ?',
  },
  {
    name: 'requests are sent while a connection logs in again',
    file: `${link}/opening/renew-login.js`,
    find: 'await logIn(live,',
    replace: 'live.loginDueAt = Number.POSITIVE_INFINITY;\n        void logIn(live,',
  },
  {
    name: 'whoever waits on a connection is dropped when its session ends',
    file: `${link}/link.js`,
    find: 'this.#live = live;',
    replace: `this.#live = live;
            const { clock } = this.#options.runtime;
            if (live.loginDueAt < Infinity)
                clock.setTimer(live.loginDueAt - clock.monotonic(), () => live.connection.close());`,
  },
]
