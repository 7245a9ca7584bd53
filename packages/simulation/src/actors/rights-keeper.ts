import { Cluster, RivvenError } from '@rivven/client'
import type { Plan, RightsKeeperPlan, SecurityPlan } from '../plan/plan.js'
import { type Right, rightsOf, usersOf } from '../plan/rights.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, type Stage, sleep } from './actor.js'
import { createAcls, deleteAcl, setPassword } from './security-requests.js'

/** How a right was taken away: what allowed it is gone, or something denies it. */
type Taking = 'not allowed' | 'denied'

const mostTaken = 3

/** Takes rights away and gives them back, and changes passwords, whatever the users are doing. In the end all is given back. */
export class RightsKeeper implements Actor {
  readonly name: string
  readonly #changesPasswords: boolean
  readonly #security: SecurityPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  readonly #users: readonly string[]
  readonly #held: Set<Right>
  readonly #copiers: ReadonlySet<string>
  readonly #taken = new Map<Right, Taking>()

  constructor({ name, seed, changesPasswords }: RightsKeeperPlan, plan: Plan, stage: Stage) {
    this.name = name
    this.#changesPasswords = changesPasswords
    this.#security = plan.security!
    this.#stage = stage
    this.#random = new SeededRandom(seed)
    this.#users = usersOf(plan)
    this.#held = new Set(rightsOf(plan))
    this.#copiers = new Set(rightsOf(plan).flatMap(({ type, user }) => (type === 'TRANSACTIONAL_ID' ? [user] : [])))
  }

  start(): void {
    beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(): void {
    // Nobody waits for it.
  }

  async #run(process: Process): Promise<void> {
    const { runtime } = process
    const cluster = new Cluster({
      bootstrapServers: this.#stage.doors.bootstrapServers,
      runtime,
      clientId: this.name,
      requestTimeoutMs: 1_000,
    })
    while (this.#stage.world.schedule.now < this.#stage.activeUntil) {
      await sleep(process, this.#random.between(20, 700))
      await this.#act(cluster, process)
    }
    for (const right of [...this.#taken.keys()]) await this.#giveBack(right, cluster, process)
    await cluster.close()
  }

  async #act(cluster: Cluster, process: Process): Promise<void> {
    if (this.#changesPasswords && this.#random.chance(0.15)) return this.#changePassword(cluster, process)
    const taken = [...this.#taken.keys()]
    if (taken.length === mostTaken || (taken.length > 0 && this.#random.chance(0.6)))
      return this.#giveBack(this.#random.pick(taken), cluster, process)
    if (this.#held.size > 0) await this.#take(this.#choose(), cluster, process)
  }

  /** Transactions are short: what they write with goes more often than its share. */
  #choose(): Right {
    const held = [...this.#held]
    const ofTransactions = held.filter(({ user, operation }) => operation === 'WRITE' && this.#copiers.has(user))
    const isOfThose = ofTransactions.length > 0 && this.#random.chance(0.4)
    return this.#random.pick(isOfThose ? ofTransactions : held)
  }

  async #take(right: Right, cluster: Cluster, process: Process): Promise<void> {
    const { history } = this.#stage
    const how = this.#random.pick<Taking>(['not allowed', 'denied'])
    history.add({ kind: 'right', right, change: 'goes' })
    this.#held.delete(right)
    this.#taken.set(right, how)
    await this.#until(process, () =>
      how === 'denied' ? createAcls(cluster, 'DENY', [right]) : deleteAcl(cluster, 'ALLOW', right),
    )
    history.add({ kind: 'right', right, change: 'is gone' })
  }

  async #giveBack(right: Right, cluster: Cluster, process: Process): Promise<void> {
    const { history } = this.#stage
    const how = this.#taken.get(right)
    history.add({ kind: 'right', right, change: 'comes' })
    await this.#until(process, () =>
      how === 'denied' ? deleteAcl(cluster, 'DENY', right) : createAcls(cluster, 'ALLOW', [right]),
    )
    this.#taken.delete(right)
    this.#held.add(right)
    history.add({ kind: 'right', right, change: 'is back' })
  }

  /** The user hears of it when it counts; until then a new process of it comes with the old one. */
  async #changePassword(cluster: Cluster, process: Process): Promise<void> {
    const { history, doors } = this.#stage
    const user = this.#random.pick(this.#users)
    const number = doors.passwordOf(user) + 1
    history.add({ kind: 'password', user, number, change: 'comes' })
    await this.#until(process, () => setPassword(cluster, this.#security, { user, number }))
    history.add({ kind: 'password', user, number, change: 'counts' })
    await sleep(process, this.#random.between(0, 500))
    doors.tellPassword(user, number)
  }

  /** However long it takes: what a try without a clear answer has done, the next one may do again. */
  async #until(process: Process, act: () => Promise<boolean>): Promise<void> {
    while (!(await this.#try(act))) await sleep(process, 50)
  }

  async #try(act: () => Promise<boolean>): Promise<boolean> {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof RivvenError)) throw error
      this.#stage.history.add({ kind: 'note', text: `${this.name}: ${error.message}` })
      return false
    }
  }
}
