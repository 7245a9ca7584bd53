import { type Api, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import type { Json } from './conversation.js'
import { scramFinal } from './scram.js'
import { ConnectionClosed, type Talk } from './talk-connection.js'

export interface Credentials {
  /** Default: SCRAM-SHA-256. */
  mechanism?: string
  username: string
  password: string
}

/** Of the answer that decided a login. A connection that is closed without one has the error 'closed'. */
export interface LoginOutcome {
  errorCode: number | 'closed'
  sessionLifetimeMs?: number
}

/** A whole SASL exchange. What the server says of itself at the end of SCRAM must be right. */
export async function logIn(connection: Talk, credentials: Credentials): Promise<LoginOutcome> {
  const { mechanism = 'SCRAM-SHA-256', username, password } = credentials
  try {
    const { errorCode } = await exchange(connection, SaslHandshake as Api, 1, { mechanism })
    if (errorCode !== 0) return { errorCode: errorCode as number }
    const last =
      mechanism === 'PLAIN'
        ? await sendToken(connection, `\0${username}\0${password}`)
        : await exchangeScram(connection, { mechanism, username, password })
    return { errorCode: last.errorCode as number, sessionLifetimeMs: last.sessionLifetimeMs as number }
  } catch (error) {
    if (error instanceof ConnectionClosed) return { errorCode: 'closed' }
    throw error
  }
}

async function exchangeScram(connection: Talk, credentials: Required<Credentials>): Promise<Answer> {
  const { mechanism, username, password } = credentials
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C')
  const clientFirst = `n,,n=${name},r=talk${Math.random().toString(36).slice(2)}`
  const first = await sendToken(connection, clientFirst)
  if (first.errorCode !== 0) return first
  const { message, serverFinal } = scramFinal({ mechanism, clientFirst, serverFirst: textOf(first), password })
  const last = await sendToken(connection, message)
  if (last.errorCode === 0 && textOf(last) !== serverFinal) throw new Error("the server's signature is wrong")
  return last
}

type Answer = { [field: string]: Json }

const sendToken = (connection: Talk, token: string) =>
  exchange(connection, SaslAuthenticate as Api, 2, { authBytes: Buffer.from(token).toString('base64') })

async function exchange(connection: Talk, api: Api, version: number, request: Json): Promise<Answer> {
  const answer = await connection.send(api, version, request).within(10_000)
  if (answer === undefined) throw new Error(`no answer to ${api.name}`)
  return answer as Answer
}

function textOf({ authBytes }: Answer): string {
  return Buffer.from(authBytes as string, 'base64').toString()
}
