// Kafka's tools for users and ACLs, and what a client sees of what they did: carol comes, may do something, may not, goes.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectSame, linesOf, numbered } from '../feeding.mjs'

/** A file with the properties of somebody who comes in so, as every tool takes it. */
function commandConfig({ protocol, mechanism, username, password, ca }, folder) {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  const login = `org.apache.kafka.common.security.${module} required username="${username}" password="${password}";`
  const file = join(folder, `${username}.properties`)
  writeFileSync(
    file,
    [
      `security.protocol=${protocol}`,
      `sasl.mechanism=${mechanism}`,
      `sasl.jaas.config=${login}`,
      ...(ca ? ['ssl.truststore.type=PEM', `ssl.truststore.location=${ca}`] : []),
      '',
    ].join('\n'),
  )
  return file
}

/** Runs the tools as somebody; resolves to what is printed, errors too. */
function toolsOf(classpath, way, folder) {
  const config = commandConfig(way, folder)
  return (name, args, lines = []) =>
    new Promise((resolve) => {
      const all = ['-XX:TieredStopAtLevel=1', '-cp', classpath, name, '--bootstrap-server', way.servers]
      const run = [...all, '--command-config', config, ...args]
      const child = execFile('java', run, { timeout: 60_000, maxBuffer: 1 << 26 }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      )
      child.stdin.end(lines.map((line) => `${line}\n`).join(''))
    })
}

const [configs, acls] = ['kafka.admin.ConfigCommand', 'org.apache.kafka.tools.AclCommand']
const [topics, groups] = [
  'org.apache.kafka.tools.TopicCommand',
  'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
]

function expectText(what, text, pattern) {
  if (!pattern.test(text)) throw new Error(`${what}: ${pattern} is not in ${text.slice(-1500)}`)
}

const denied = /TopicAuthorizationException|Not authorized to access topics/
const done = /^(?!.*(Exception|Error))/s

export async function javaTools(scene, classpath) {
  const asAdmin = toolsOf(classpath, scene.admin, scene.folder)
  const carol = { ...scene.admin, username: 'carol', password: 'carol-secret' }
  const asCarol = toolsOf(classpath, carol, scene.folder)
  await carolComes(asAdmin, carol)
  await carolMayWrite(asAdmin, asCarol)
  await carolMayRead(asAdmin, asCarol)
  await carolGoes(asAdmin, asCarol)
}

const carolsCredential = ['--entity-type', 'users', '--entity-name', 'carol']

async function carolComes(asAdmin, { password }) {
  const add = `SCRAM-SHA-512=[password=${password}]`
  const added = await asAdmin(configs, ['--alter', '--add-config', add, ...carolsCredential])
  expectText('a user is made', added, /Completed updating config for user carol/)
  const described = await asAdmin(configs, ['--describe', ...carolsCredential])
  expectText('a user is shown', described, /for user-principal 'carol' are SCRAM-SHA-512=iterations=\d+/)
  expectText(
    'a topic is made',
    await asAdmin(topics, ['--create', '--topic', 'carols', '--partitions', '1']),
    /Created topic/,
  )
}

const write = (as, values) =>
  as('org.apache.kafka.tools.ConsoleProducer', ['--topic', 'carols', '--sync', '--timeout', '0'], values)
const rule = ['--allow-principal', 'User:carol', '--operation', 'Write', '--topic', 'carols']

async function carolMayWrite(asAdmin, asCarol) {
  expectText('without an ACL nothing is written', await write(asCarol, ['x']), denied)
  const hidden = await asCarol(topics, ['--list'])
  if (hidden.includes('carols')) throw new Error(`a topic shows to those who may not describe it: ${hidden}`)
  expectText('an ACL is made', await asAdmin(acls, ['--add', ...rule]), /Adding ACLs for resource/)
  const listed = await asAdmin(acls, ['--list', '--principal', 'User:carol'])
  expectText('an ACL is listed', listed, /principal=User:carol, host=\*, operation=WRITE, permissionType=ALLOW/)
  expectText('with it all is written', await write(asCarol, numbered(20)), done)
  expectText('the topic shows', await asCarol(topics, ['--list']), /^carols$/m)
  expectText('who may not alter may not', await asCarol(acls, ['--add', ...rule]), /ClusterAuthorizationException/)
}

async function carolMayRead(asAdmin, asCarol) {
  const consumer = ['--consumer', '--allow-principal', 'User:carol', '--topic', 'carols', '--group', 'carols-']
  const added = await asAdmin(acls, ['--add', ...consumer, '--resource-pattern-type', 'prefixed'])
  expectText('ACLs of a consumer are made', added, /patternType=PREFIXED/)
  const read = await asCarol('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--topic', 'carols', '--group', 'carols-group', '--from-beginning', '--max-messages', '20'],
    ...['--timeout-ms', '20000'],
  ])
  expectSame(
    'carol reads',
    linesOf(read).filter((line) => /^v\d+$/.test(line)),
    numbered(20),
  )
  expectText(
    'carol sees her group',
    await asCarol(groups, ['--describe', '--group', 'carols-group']),
    /carols\s+0\s+20\s+20\s+0/,
  )
  const other = await asCarol(groups, ['--describe', '--group', 'other'])
  expectText('and no other', other, /GroupAuthorizationException|Not authorized to access group/)
}

async function carolGoes(asAdmin, asCarol) {
  expectText('an ACL is taken away', await asAdmin(acls, ['--remove', '--force', ...rule]), done)
  // She may write nowhere now, so no producer id is given to her.
  expectText('without it nothing is written', await write(asCarol, ['x']), /ClusterAuthorizationException/)
  const left = await asAdmin(acls, ['--list', '--topic', 'carols'])
  if (left.includes('operation=WRITE')) throw new Error(`the ACL is there: ${left}`)
  const removed = await asAdmin(configs, ['--alter', '--delete-config', 'SCRAM-SHA-512', ...carolsCredential])
  expectText('the user is taken away', removed, /Completed updating config/)
  expectText('nobody comes in as carol', await asCarol(topics, ['--list']), /Authentication failed/)
}
