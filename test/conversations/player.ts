import { setTimeout as pause } from 'node:timers/promises'
import { type Api, allApis } from '@rivven/protocol'
import { alterAcls, makeUsers } from './administration.js'
import { type Broker, Connections } from './connections.js'
import type { Conversation, Json, Step } from './conversation.js'
import { logIn } from './login.js'
import { at, Captures, matches } from './matching.js'
import type { Pending, Talk } from './talk-connection.js'
import { warmUp } from './warm-up.js'
import { bytesOf, withBytes } from './written-bytes.js'

let runs = 0

/** Plays a conversation with a broker; rejects at the first answer that is not as recorded. */
export async function play(conversation: Conversation, broker: Broker): Promise<void> {
  const player = new Player(broker)
  try {
    await player.begin(conversation)
    for (const [index, step] of conversation.steps.entries()) {
      try {
        await player.play(step)
      } catch (error) {
        const { response: _, ...asked } = step
        throw new Error(`step ${index + 1} ${JSON.stringify(asked)}: ${(error as Error).message}`)
      }
    }
  } finally {
    player.close()
  }
}

class Player {
  readonly #connections: Connections
  readonly #pending = new Map<string, Pending>()
  readonly #captures = new Captures()
  readonly #run = `r${process.pid.toString(36)}${(runs++).toString(36)}${Math.floor(performance.now()).toString(36)}`

  constructor(private readonly broker: Broker) {
    this.#connections = new Connections(broker)
    this.#captures.set('run', this.#run)
    this.#captures.set('now', Date.now())
  }

  begin({ users = {} }: Conversation): Promise<void> {
    return makeUsers(users, this.#connections, this.#captures)
  }

  async play(step: Step): Promise<void> {
    if (step.wait !== undefined) return pause(step.wait)
    if (step.restart) return this.#restart(step.restart)
    if (step.close) return this.#connections.close(step.close)
    if (step.closed) return this.#expectClosed(step)
    if (step.silent) return this.#expectSilence(step)
    if (step.acls) return alterAcls(step, this.#connections, this.#captures)
    if (step.sasl) return this.#expectLogin(step)
    const pending = await this.#send(step)
    if (pending) await this.#expectAnswer(step, pending)
  }

  close(): void {
    this.#connections.closeAll()
  }

  async #restart(how: 'kill' | 'stop'): Promise<void> {
    this.close()
    if (!this.broker.restart) throw new Error('this broker cannot be restarted from here')
    await this.broker.restart(how)
    await warmUp(this.broker)
  }

  async #expectClosed(step: Step): Promise<void> {
    const connection = this.#connections.named(step.closed!)
    const ended = connection.ended.then(() => true)
    if (!(await Promise.race([ended, pause(step.within ?? 5000, false)]))) throw new Error('the connection stays open')
    if (step.after !== undefined && connection.endedAfterMs < step.after)
      throw new Error(`it was closed after ${connection.endedAfterMs} ms`)
    this.#connections.close(step.closed!)
  }

  async #expectSilence(step: Step): Promise<void> {
    const answer = await this.#pending.get(step.silent!)!.within(step.for ?? 500)
    if (answer !== undefined) throw new Error(`it was answered ${JSON.stringify(answer)}`)
  }

  /** Logs in on the connection of the step; once more on a new one until the answer is as it says. */
  async #expectLogin(step: Step): Promise<void> {
    const name = step.conn ?? 'main'
    const credentials = this.#captures.fill(step.sasl as never) as never
    const deadline = performance.now() + (step.within ?? 10_000)
    const again = async (): Promise<Json> => ({ ...(await logIn(this.#connections.named(name), credentials)) })
    let answer = await again()
    while (step.until && !matches(this.#captures.fill(step.until.is), at(answer, step.until.at))) {
      if (performance.now() > deadline) throw new Error(`at last it was answered ${JSON.stringify(answer)}`)
      this.#connections.close(name)
      await pause(50)
      answer = await again()
    }
    this.#expectAsRecorded(step, answer)
  }

  /** Sends what the step says; the answer under way, if it is to be looked at now. */
  async #send(step: Step): Promise<Pending | undefined> {
    if (step.receive) return this.#pending.get(step.receive)
    const connection = await this.#connection(step)
    if (step.hex !== undefined && !step.api) {
      connection.write(Buffer.from(step.hex, 'hex'))
      return undefined
    }
    const pending = this.#ask(step, connection)
    if (step.later) this.#pending.set(step.later, pending)
    return step.later || step.noResponse ? undefined : pending
  }

  #ask(step: Step, connection: Talk): Pending {
    const { clientId, noResponse, cut, version } = step
    if (step.token !== undefined) return connection.sendToken(bytesOf(this.#captures.fill(step.token)), { noResponse })
    const api = apiNamed(step.api!)
    if (step.hex !== undefined) return connection.sendRaw(api, version!, Buffer.from(step.hex, 'hex'))
    const extra = Buffer.from(step.extra ?? '', 'hex')
    const request = this.#captures.fill(step.request ?? {})
    return connection.send(api, version!, request, { clientId, noResponse, cut, extra })
  }

  async #expectAnswer(step: Step, first: Pending): Promise<void> {
    const within = step.within ?? 15_000
    let answer = await this.#answer(step, first, within)
    if (step.after !== undefined && first.tookMs < step.after)
      throw new Error(`it was answered after ${first.tookMs} ms`)
    if (step.until) answer = await this.#askUntil(step, answer, within)
    else if (step.within !== undefined && first.tookMs > within)
      throw new Error(`it was answered after ${first.tookMs} ms`)
    for (const [name, pointer] of Object.entries(step.capture ?? {})) {
      const found = at(answer, pointer)
      if (found === undefined) throw new Error(`nothing at ${pointer} in ${JSON.stringify(answer)}`)
      this.#captures.set(name, found)
    }
    this.#expectAsRecorded(step, answer)
  }

  #expectAsRecorded(step: Step, answer: Json): void {
    if (step.response === undefined) return
    const expected = withBytes(this.#captures.fill(step.response))
    if (!matches(expected, answer))
      throw new Error(`\n  expected ${JSON.stringify(expected)}\n  answered ${JSON.stringify(answer)}`)
  }

  async #askUntil(step: Step, first: Json, within: number): Promise<Json> {
    const { at: pointer, is } = step.until!
    const deadline = performance.now() + within
    let answer = first
    while (!matches(this.#captures.fill(is), at(answer, pointer))) {
      if (performance.now() > deadline) throw new Error(`at last it was answered ${JSON.stringify(answer)}`)
      await pause(100)
      answer = await this.#answer(step, this.#ask(step, await this.#connection(step)), within)
    }
    return answer
  }

  /** The answer; of its list `mine` only what this run made. */
  async #answer(step: Step, pending: Pending, within: number): Promise<Json> {
    const answer = await pending.within(within)
    if (answer === undefined) throw new Error(`no answer within ${within} ms`)
    const list = step.mine === undefined ? undefined : at(answer, step.mine)
    if (Array.isArray(list))
      list.splice(0, list.length, ...list.filter((element) => JSON.stringify(element).includes(this.#run)))
    return answer
  }

  async #connection({ as, conn }: Step): Promise<Talk> {
    return as === undefined ? this.#connections.named(conn ?? 'main') : this.#connections.of(as, conn ?? as)
  }
}

function apiNamed(name: string): Api {
  const api = allApis.find((candidate) => candidate.name === name)
  if (!api) throw new Error(`there is no API ${name}`)
  return api
}
