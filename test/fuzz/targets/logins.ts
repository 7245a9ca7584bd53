import { pbkdf2Sync } from 'node:crypto'
import type { ScramMechanism } from '@rivven/protocol'
import { passwordOf } from '../../support/passwords.js'
import { Finding, type Target } from '../harness/target.js'
import { inside } from '../inside.js'
import { vectorFile } from './vectors.js'

type Plain = typeof import('../../../packages/broker/dist/src/security/sasl/plain.js')
type ScramServers = typeof import('../../../packages/broker/dist/src/security/sasl/scram-server.js')
type ScramMessages = typeof import('../../../packages/broker/dist/src/security/sasl/scram-messages.js')
type Credentials = typeof import('../../../packages/broker/dist/src/security/users/scram-credential.js')
type ClientSasl = typeof import('../../../packages/link/dist/src/security/sasl/sasl-client.js')
type ClientScram = typeof import('../../../packages/link/dist/src/security/sasl/scram.js')
type ClientBearer = typeof import('../../../packages/link/dist/src/security/sasl/oauth-bearer.js')

interface ScramVectors {
  readonly exchanges: readonly {
    mechanism: ScramMechanism
    user: string
    password: string
    clientFirst: string
    serverFirst: string
    clientFinal: string
    serverFinal: string
  }[]
  readonly clientFirst: readonly { message: string }[]
  readonly clientFinal: readonly { message: string }[]
}

/** Between two messages of one exchange. */
const BETWEEN = '\x00'
const words = [
  'n,,',
  'n=',
  'r=',
  'c=',
  'p=',
  's=',
  'i=',
  'v=',
  'e=',
  'm=',
  'a=',
  '=2C',
  '=3D',
  ',',
  'biws',
  'tokenauth=true',
  'auth=Bearer ',
  '\x01',
]

/** Messages of SASL: what clients say to the broker, and what brokers say to our client. */
export async function loginTargets(): Promise<Target[]> {
  const vectors = vectorFile<ScramVectors>('broker/vectors/scram.json')
  return [
    await plainTarget(),
    await scramMessagesTarget(vectors),
    ...(await scramServerTargets(vectors)),
    ...(await clientTargets(vectors)),
  ]
}

async function plainTarget(): Promise<Target> {
  const { PlainServer } = await inside<Plain>('broker/src/security/sasl/plain.js')
  const right = passwordOf('alice')
  const passwords = { isRight: (user: string, password: string) => user === 'alice' && password === right }
  return {
    name: 'logins/PLAIN',
    seeds: [`\0alice\0${right}`, `alice\0alice\0${right}`, `\0bob\0${right}`, '\0alice\0wrong'].map((text) =>
      Buffer.from(text),
    ),
    words: ['\0', 'alice', right],
    refusals: [],
    run: async (input) => {
      const step = await new PlainServer(passwords as never).next(input)
      if (step.kind !== 'done') return false
      const parts = input.toString().split('\0')
      if (step.user !== 'alice' || parts[1] !== 'alice' || parts[2] !== right)
        throw new Finding(`${JSON.stringify(parts)} came in as ${step.user}`)
      return true
    },
  }
}

async function scramMessagesTarget({ clientFirst, clientFinal, exchanges }: ScramVectors): Promise<Target> {
  const { readClientFirst, readClientFinal } = await inside<ScramMessages>('broker/src/security/sasl/scram-messages.js')
  const messages = [...clientFirst, ...clientFinal].map(({ message }) => message)
  return {
    name: 'logins/messages of SCRAM',
    seeds: [...messages, ...exchanges.flatMap((exchange) => [exchange.clientFirst, exchange.clientFinal])].map((text) =>
      Buffer.from(text),
    ),
    words,
    refusals: [],
    run: (input) => {
      const [first, final] = [readClientFirst(input), readClientFinal(input)]
      // What is signed is what came.
      if (first && !input.toString().endsWith(first.bare)) throw new Finding('another message would be signed')
      if (final && !input.toString().startsWith(final.withoutProof))
        throw new Finding('another message would be signed')
      return first !== undefined || final !== undefined
    },
  }
}

/** Whole exchanges: nobody comes in but with the message that Kafka's client makes of the password. */
async function scramServerTargets({ exchanges }: ScramVectors): Promise<Target[]> {
  const { ScramServer } = await inside<ScramServers>('broker/src/security/sasl/scram-server.js')
  const { keysOf, scramHashes } = await inside<Credentials>('broker/src/security/users/scram-credential.js')
  const one = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((name) => exchanges.find(({ mechanism }) => mechanism === name)!)
  return one.map(({ mechanism, user, password, clientFirst, serverFirst, clientFinal }) => {
    const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(serverFirst) ?? []
    const { name, size } = scramHashes[mechanism]
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), size, name)
    const credential = {
      iterations: Number(iterations),
      salt: Buffer.from(salt, 'base64'),
      ...keysOf(mechanism, salted),
    }
    const clientNonce = /r=([^,]*)/.exec(clientFirst)![1]!
    const deps = {
      credentials: { credentialOf: (asked: string) => ({ isKnown: asked === user, credential }) },
      random: { next: () => 0, uuid: () => nonce.slice(clientNonce.length) },
    }
    return {
      name: `logins/${mechanism}, the broker's side`,
      seeds: [Buffer.from(`${clientFirst}${BETWEEN}${clientFinal}`)],
      words,
      refusals: [],
      run: (input: Buffer) => {
        const server = new ScramServer(mechanism, deps)
        const messages = input.toString('latin1').split(BETWEEN).slice(0, 4)
        const steps = messages.map((message) => server.next(Buffer.from(message, 'latin1')))
        const done = steps.find(({ kind }) => kind === 'done')
        if (done?.kind === 'done' && done.user !== user) throw new Finding(`${done.user} came in`)
        return done !== undefined
      },
    }
  })
}

async function clientTargets({ exchanges }: ScramVectors): Promise<Target[]> {
  const { SaslError } = await inside<ClientSasl>('link/src/security/sasl/sasl-client.js')
  const { Scram } = await inside<ClientScram>('link/src/security/sasl/scram.js')
  const { oauthBearer } = await inside<ClientBearer>('link/src/security/sasl/oauth-bearer.js')
  const uuid = '00000000-0000-4000-8000-000000000000'
  const nonce = `${uuid}${uuid}`.replaceAll('-', '')
  const hashing = { pbkdf2: async () => Buffer.alloc(32, 1) }
  const seeds = exchanges.slice(0, 4).map(({ serverFirst, serverFinal }) => {
    return Buffer.from(`${serverFirst.replace(/^r=[^,]*/, `r=${nonce}theirs`)}${BETWEEN}${serverFinal}`)
  })
  return [
    {
      name: "logins/SCRAM, the client's side",
      seeds: [...seeds, Buffer.from('e=other-error')],
      words,
      refusals: [SaslError],
      run: async (input) => {
        const scram = new Scram(
          { digest: 'sha256', username: 'alice', password: passwordOf('alice') },
          { random: { next: () => 0, uuid: () => uuid }, hashing },
        )
        const attempt = scram.attempt()
        await attempt.begin()
        for (const message of input.toString('latin1').split(BETWEEN)) {
          const answer = await attempt.answer(Buffer.from(message, 'latin1'))
          if (answer === null) throw new Finding('a server that does not know the password was believed')
        }
        return true
      },
    },
    {
      name: "logins/OAUTHBEARER, the client's side",
      seeds: ['{"status":"invalid_token"}', '', '{"status":"x","scope":"y"}'].map((text) => Buffer.from(text)),
      words: ['{"status":"', '"}', 'null', '{}', '[]'],
      refusals: [SaslError],
      run: async (input) => {
        const attempt = oauthBearer(async () => 'token').attempt()
        await attempt.begin()
        return (await attempt.answer(input)) === null
      },
    },
  ]
}
