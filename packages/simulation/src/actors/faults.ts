import { brokerHost } from '../plan/brokers.js'
import type { FaultPlan } from '../plan/plan.js'
import { flipBit } from '../world/bit-flips.js'
import type { DiskOperation } from '../world/platter.js'
import { SeededRandom } from '../world/seeded-random.js'
import type { Actor, Stage } from './actor.js'
import type { BrokerEnd, BrokerMachine } from './broker-machine.js'
import { ClientFaults } from './client-faults.js'
import { Moments } from './moments.js'

interface KillAt {
  readonly among: readonly DiskOperation[]
  /** It is one of so many operations. */
  readonly within: number
}

const anywhere: KillAt = {
  among: ['write', 'write', 'sync', 'sync', 'rename', 'create', 'truncate', 'syncFolder'],
  within: 20,
}

function soon(within: number): KillAt {
  return { among: ['write', 'sync'], within }
}

export interface Struck {
  readonly actors: ReadonlyMap<string, Actor>
  /** Topics that may lose a record. */
  readonly losable: readonly string[]
}

/** Lets happen what a plan says goes wrong, and puts all of it right at the end. */
export class Faults {
  readonly #stage: Stage
  readonly #broker: BrokerMachine
  readonly #ofClients: ClientFaults
  readonly #moments: Moments
  readonly #losable: readonly string[]
  #hasFlipped = false
  /** Since the last start: then what the journal alone has is there once. */
  #hasLostPower = false
  #isOver = false
  #hasFailingDisk = false

  constructor(stage: Stage, broker: BrokerMachine, { actors, losable }: Struck) {
    this.#stage = stage
    this.#broker = broker
    this.#ofClients = new ClientFaults(stage, { actors, brokers: [brokerHost] })
    this.#losable = losable
    this.#moments = new Moments()
    stage.history.watch(this.#moments)
  }

  plan(faults: readonly FaultPlan[]): void {
    const { schedule } = this.#stage.world
    for (const fault of faults) schedule.after(fault.at, `fault ${fault.kind}`, () => this.#strike(fault))
    schedule.after(this.#stage.activeUntil, 'faults are over', () => this.#heal())
  }

  #strike(fault: FaultPlan): void {
    const { world, history } = this.#stage
    const random = new SeededRandom(fault.seed)
    const { platter } = world.machine(brokerHost)
    const { durationMs } = fault
    const host = this.#ofClients.hostOf(fault)
    history.add({ kind: 'note', text: `fault: ${fault.kind} ${host} for ${Math.round(durationMs)} ms` })
    if (this.#ofClients.strike(fault, random)) return
    const later = (undo: () => void) => world.schedule.after(durationMs, `end of ${fault.kind}`, undo)
    switch (fault.kind) {
      case 'broker kill':
        this.endBroker('kill', durationMs)
        return
      case 'broker power cut':
        this.endBroker('power cut', durationMs)
        return
      case 'broker restart':
        this.endBroker('stop', durationMs)
        return
      case 'bit flip':
        this.endBroker(random.pick(['kill', 'stop']), durationMs, () => this.#flipBit(random))
        return
      case 'broker pause':
        this.#pauseBroker(durationMs)
        return
      case 'kill at a disk operation':
        this.#killAtOperation(random)
        return
      case 'kill while a transaction ends':
        this.#moments.whenTransactionEnds(() => this.#killAtOperation(random, soon(6)))
        return
      case 'kill while offsets are reset':
        if (random.chance(0.5)) this.#moments.whenResetIsAsked(() => this.#killAtOperation(random, soon(20)))
        else this.#moments.whenResetHasTurned(() => this.#killAtOperation(random, soon(2)))
        return
      case 'disk slow':
        platter.slowMs = random.between(20, 500)
        later(() => {
          platter.slowMs = 0
        })
        return
      case 'disk full':
        this.#diskFails()
        platter.room = random.below(2_000)
        later(() => {
          platter.room = Number.POSITIVE_INFINITY
        })
        return
      case 'disk sync fails':
        this.#diskFails()
        platter.failing.add(random.pick(['sync', 'sync', 'syncFolder', 'write'] as const))
        later(() => platter.failing.clear())
        return
    }
  }

  /** Ends this life of the broker; the next one begins after a while. */
  endBroker(how: BrokerEnd, pauseMs: number, meanwhile: () => void = () => undefined): void {
    if (!this.#broker.isUp && (how === 'stop' || !this.#broker.isEnding)) return
    this.#stage.history.add({ kind: 'broker', what: how })
    const startAgain = () => {
      meanwhile()
      this.#stage.world.schedule.after(pauseMs, 'broker starts again', () => this.startBroker())
    }
    this.#broker.end(how).then(startAgain, (error) => {
      // With a disk that fails it cannot end cleanly.
      if (!this.#hasFailingDisk) this.#stage.fail('the broker could not end', error)
      startAgain()
    })
  }

  /** One in a run: of what is there twice a second one could take both. */
  #flipBit(random: SeededRandom): void {
    const { world, history } = this.#stage
    const { platter } = world.machine(brokerHost)
    if (this.#hasFlipped || this.#hasLostPower || this.#broker.isUp || this.#broker.isStarting) return
    const flip = flipBit(platter, random, { topics: this.#losable })
    if (flip === undefined) return
    this.#hasFlipped = true
    // What a power cut takes from other files in the same moment would be lost for good.
    platter.onOperation = undefined
    history.add({ kind: 'flipped', ...flip })
  }

  startBroker(): void {
    if (this.#broker.isUp || this.#broker.isStarting || this.#broker.isEnding) return
    this.#broker.start().then(
      () => {
        this.#hasLostPower = false
        if (this.#isOver) this.#stage.history.add({ kind: 'disk', isFailing: false })
        this.#stage.history.add({ kind: 'broker', what: 'up' })
      },
      (error) => this.#startFailed(error),
    )
  }

  /** With a disk that fails this is what has to happen; with a sound one it is a bug. */
  #startFailed(error: unknown): void {
    const { platter } = this.#stage.world.machine(brokerHost)
    const isSound = platter.room === Number.POSITIVE_INFINITY && platter.failing.size === 0
    if (isSound && this.#isOver) this.#stage.fail('the broker does not start', error)
    void this.#broker.end('kill')
    this.#stage.world.schedule.after(200, 'broker starts again', () => this.startBroker())
  }

  /** Until the next start after all faults: what failed in between is closed for writing, or loads again. */
  #diskFails(): void {
    this.#hasFailingDisk = true
    this.#stage.history.add({ kind: 'disk', isFailing: true })
  }

  #pauseBroker(durationMs: number): void {
    const { life } = this.#broker
    if (!life || life.isPaused) return
    life.pause()
    this.#stage.world.schedule.after(durationMs, 'broker goes on', () => life.resume())
  }

  #killAtOperation(random: SeededRandom, { among, within }: KillAt = anywhere): void {
    const { platter } = this.#stage.world.machine(brokerHost)
    const wanted = random.pick(among)
    const how = random.chance(0.5) ? 'kill' : 'power cut'
    let count = 1 + random.below(within)
    platter.onOperation = (operation) => {
      if (operation !== wanted || --count > 0) return
      platter.onOperation = undefined
      this.#hasLostPower = how === 'power cut'
      this.#stage.history.add({ kind: 'broker', what: how })
      void this.#broker.end(how)
      this.#stage.world.schedule.after(random.between(10, 500), 'broker starts again', () => this.startBroker())
    }
  }

  #heal(): void {
    const { world } = this.#stage
    const { platter } = world.machine(brokerHost)
    this.#isOver = true
    world.network.healAll()
    platter.slowMs = 0
    platter.room = Number.POSITIVE_INFINITY
    platter.failing.clear()
    platter.onOperation = undefined
    this.#moments.forget()
    this.#ofClients.forget()
    for (const machine of world.machines) machine.wallSkewMs = 0
    this.#broker.life?.resume()
    this.#stage.history.add({ kind: 'note', text: 'faults are over' })
    // A log whose disk failed stays closed for writing until the next start.
    if (this.#hasFailingDisk) this.endBroker('stop', 10)
    this.startBroker()
  }
}
