// Clients of other languages as alice: one program a client, which is told on stdin how to come in and prints what came of it.
import { spawn } from 'node:child_process'
import { expectSame, numbered } from '../feeding.mjs'

const deadlineMs = 120_000
const [noTopic, noGroup] = ['TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED']

/** Runs it with this as JSON on stdin, and returns the JSON that it prints. */
function tell(command, args, task) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: deadlineMs })
    const [out, errors] = [[], []]
    child.stdout.on('data', (chunk) => out.push(chunk))
    child.stderr.on('data', (chunk) => errors.push(chunk))
    child.once('error', reject)
    child.once('close', (status) => {
      if (status === 0) return resolve(JSON.parse(Buffer.concat(out).toString()))
      reject(new Error(`${command} ended with ${status}: ${Buffer.concat(errors).toString().slice(-2000)}`))
    })
    child.stdin.end(JSON.stringify(task))
  })
}

function expectFields(what, got, expected) {
  for (const [field, value] of Object.entries(expected)) {
    if ((got[field] ?? null) !== value) throw new Error(`${what}: ${field} is ${got[field]}, expected was ${value}`)
  }
}

/**
 * Each way to come in: alice writes and reads in a group what she may, and is told what she may not; so is whoever comes
 * with a wrong password or token. `program` is called with the scene's way and tells what it was told, by Kafka's names of errors.
 */
export async function secured(scene, client, program, ways = scene.ways) {
  for (const way of ways) {
    const task = { ...way, topic: `orders-${client}-${way.name}`, group: `orders-${client}-${way.name}` }
    const told = await program({ ...task, count: 200, seconds: 0 }, scene)
    const what = `${client} by ${way.name}`
    expectFields(what, told, {
      ...{ write: null, read: null, writeHidden: noTopic, writeLocked: noTopic, readLocked: noTopic },
      joinForbidden: noGroup,
      ...(way.wrong === undefined ? {} : { wrongPassword: 'SASL_AUTHENTICATION_FAILED' }),
    })
    expectSame(what, told.values, numbered(200))
  }
}

/** Sessions of three seconds: alice writes for ten, and reads in a group. Nothing is lost, twice, or an error. */
export async function sessions(scene, client, program, { reauthenticates = false } = {}) {
  const way = scene.ways.find(({ name }) => name === 'tls-scram-256')
  const name = `orders-sessions-${client}`
  const told = await program({ ...way, topic: name, group: name, count: 100, seconds: 10 }, scene)
  expectFields(client, told, { write: null, read: null })
  expectSame(client, told.values, numbered(100))
  if (reauthenticates && !(told.reauthentications >= 4))
    throw new Error(
      `${client}: logged in again ${told.reauthentications} times on open connections, twice each was expected`,
    )
}

/** The program that this command runs. */
export const program =
  (command, ...args) =>
  (task) =>
    tell(command, args, task)
