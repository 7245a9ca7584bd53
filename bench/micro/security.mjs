// What it costs to know who somebody is, and what they may do: CPU time of one question, as medians of some rounds; ACLs are
// 10,000 of 1,000 principals. Run by hand after `npm run build`: node --expose-gc bench/micro/security.mjs
import { createHash, createHmac, pbkdf2Sync, randomUUID } from 'node:crypto'
import { nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../packages/broker/dist/src/cluster/alone/alone-documents.js'
import { memoryStorage } from '../../packages/broker/dist/src/open-storage.js'
import { accessOf } from '../../packages/broker/dist/src/security/access.js'
import { AclIndex } from '../../packages/broker/dist/src/security/acls/acl-index.js'
import { Authorizer } from '../../packages/broker/dist/src/security/authorizer.js'
import { createSaslServer } from '../../packages/broker/dist/src/security/sasl/mechanism.js'
import { PasswordChecks } from '../../packages/broker/dist/src/security/users/password-checks.js'
import { UserStore } from '../../packages/broker/dist/src/security/users/user-store.js'
import { measure, report } from './measure.mjs'

function tenThousandAcls() {
  const acls = []
  for (let user = 0; user < 1000; user++) {
    const acl = { principal: `User:service-${user}`, host: '*', permission: 'ALLOW' }
    const topic = { ...acl, resourceType: 'TOPIC' }
    for (const operation of ['READ', 'DESCRIBE', 'WRITE', 'CREATE']) {
      acls.push({ ...topic, patternType: 'PREFIXED', name: `team-${user}.`, operation })
      acls.push({ ...topic, patternType: 'LITERAL', name: `orders-${user % 100}`, operation })
    }
    acls.push({ ...acl, resourceType: 'GROUP', patternType: 'PREFIXED', name: `team-${user}.`, operation: 'READ' })
    acls.push({ ...topic, patternType: 'LITERAL', name: `secret-${user}`, operation: 'ALL', permission: 'DENY' })
  }
  return acls
}

function measureAccess() {
  const acls = tenThousandAcls()
  const index = new AclIndex(acls)
  const authorizer = new Authorizer({ acls: index, superUsers: new Set(['User:admin']) })
  const access = accessOf(authorizer, 'User:service-500', '10.1.2.3')
  const open = accessOf(null, 'User:service-500', '10.1.2.3')
  const names = Array.from({ length: 100 }, (_, at) => (at % 2 ? `orders-${at}` : `team-500.topic-${at}`))
  let yes = 0
  const ask = (of) => (time) => {
    if (of.may('WRITE', 'TOPIC', names[time % 100])) yes++
  }
  measure('ACL check, remembered', 2_000_000, ask(access))
  measure('the same without an authorizer', 2_000_000, ask(open))
  const many = Array.from({ length: 1000 }, (_, at) => accessOf(authorizer, `User:service-${at}`, '10.1.2.3'))
  measure('ACL check, not remembered', 200_000, (time) => {
    if (authorizer.may(many[time % 1000].principal, '10.1.2.3', 'WRITE', 'TOPIC', names[time % 100])) yes++
  })
  measure('any topic (7.3), not remembered', 100_000, (time) => {
    if (authorizer.mayOnAny(many[time % 1000].principal, '10.1.2.3', 'WRITE', 'TOPIC')) yes++
  })
  measure('an index of 10,000 ACLs', 20, () => new AclIndex(acls))
  const [added, removed] = [[{ ...acls[0], name: 'new' }], [{ ...acls[0], name: 'new' }]]
  measure('one ACL more and one less', 20_000, () => {
    index.change({ added })
    index.change({ removed })
  })
  if (globalThis.gc) {
    const check = ask(access)
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    for (let time = 0; time < 1_000_000; time++) check(time)
    console.log(`a million remembered checks allocate ${process.memoryUsage().heapUsed - before} bytes`)
  }
  return yes
}

const hmac = (key, data) => createHmac('sha256', key).update(data).digest()

/** A client's final message; its own work is not measured. */
function clientFinal(salted, first, serverFirst) {
  const withoutProof = `c=biws,r=${/r=([^,]*)/.exec(serverFirst)[1]}`
  const clientKey = hmac(salted, 'Client Key')
  const storedKey = createHash('sha256').update(clientKey).digest()
  const signature = hmac(storedKey, `${first.slice(3)},${serverFirst},${withoutProof}`)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]))
  return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)
}

async function measureLogins() {
  const runtime = nodeRuntime()
  const users = await UserStore.open({ ...runtime, documents: new AloneDocuments(memoryStorage(runtime)) })
  const salt = Buffer.from('a salt of 16 byt')
  const saltedPassword = pbkdf2Sync('secret', salt, 4096, 32, 'sha256')
  const alice = { name: 'alice', mechanism: 'SCRAM-SHA-256', iterations: 4096, salt, saltedPassword }
  await users.alter({ deletions: [], upsertions: [alice] })
  const passwords = new PasswordChecks({ users, ...runtime })
  const deps = { credentials: users, passwords, random: runtime.random }
  const wrongPassword = pbkdf2Sync('guess', salt, 4096, 32, 'sha256')
  await medians(1800, {
    'SCRAM-SHA-256 login': () => scramLogin(deps, 'alice', saltedPassword),
    'SCRAM-SHA-256 login with a wrong password': () => scramLogin(deps, 'alice', wrongPassword),
    'SCRAM-SHA-256 login of a user that does not exist': () => scramLogin(deps, 'eve', wrongPassword),
  })
  const plain = (user, password) => createSaslServer('PLAIN', deps).next(Buffer.from(`\0${user}\0${password}`))
  await medians(100, {
    'PLAIN login with a wrong password, 4096 iterations': () => cpuOfOne(() => plain('alice', 'guess')),
    'PLAIN login of a user that does not exist, 4096 iterations': () => cpuOfOne(() => plain('eve', 'guess')),
  })
  await plain('alice', 'secret')
  await medians(2000, { 'PLAIN login, remembered': () => cpuOfOne(() => plain('alice', 'secret')) })
}

/** Milliseconds of CPU, all threads. */
async function cpuOfOne(work) {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The same as often, in turns: what disturbs one disturbs all. */
async function medians(times, works) {
  const values = Object.fromEntries(Object.keys(works).map((what) => [what, []]))
  for (let time = 0; time < times; time++) {
    for (const [what, work] of Object.entries(works)) values[what].push(await work())
  }
  for (const [what, list] of Object.entries(values)) report(what, 'ms', list.slice(times / 10))
}

/** Milliseconds of the server's side. */
function scramLogin(deps, user, salted) {
  const first = `n,,n=${user},r=${randomUUID()}`
  const server = createSaslServer('SCRAM-SHA-256', deps)
  const start = performance.now()
  const challenge = server.next(Buffer.from(first))
  const between = performance.now()
  const final = clientFinal(salted, first, String(challenge.token))
  const again = performance.now()
  server.next(final)
  return performance.now() - again + between - start
}

await measureAccess()
await measureLogins()
