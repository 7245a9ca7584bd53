import { inlineBackground, noWeb, type Runtime } from '@rivven/runtime'
import { type Host, Life } from './life.js'
import { Platter } from './platter.js'
import { rememberedHashing } from './remembered-hashing.js'
import { Schedule } from './schedule.js'
import { SeededRandom } from './seeded-random.js'
import { simClock } from './sim-clock.js'
import { SimDisk } from './sim-disk.js'
import { SimNetwork } from './sim-network.js'
import { TraceHash } from './trace-hash.js'

/** A machine: a name, a clock and a disk that outlive its processes. */
export interface Machine extends Host {
  readonly platter: Platter
}

/** Everything outside of the programs: time, chance, machines and the network between them, all from one seed. */
export class World {
  readonly schedule = new Schedule()
  readonly random: SeededRandom
  readonly network: SimNetwork
  readonly trace = new TraceHash()
  readonly #machines = new Map<string, Machine>()

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.network = new SimNetwork(this.random.fork())
    this.schedule.onStep = ({ at, label }) => this.trace.add(at, label)
    this.network.taps.push(({ connection, isAsked, bytes }) =>
      this.trace.addBytes(isAsked ? connection : -connection, bytes),
    )
  }

  get machines(): Iterable<Machine> {
    return this.#machines.values()
  }

  machine(name: string): Machine {
    const known = this.#machines.get(name)
    if (known) return known
    const machine = { name, wallSkewMs: 0, platter: new Platter() }
    this.#machines.set(name, machine)
    return machine
  }

  /** A process begins on a machine: its life, and the world as it sees it. */
  begin(name: string): { life: Life; runtime: Runtime } {
    const machine = this.machine(name)
    const life = new Life(machine, this.schedule)
    const random = this.random.fork()
    const clock = simClock(life, random.fork())
    const disk = new SimDisk(life, machine.platter, random.fork())
    const world = { clock, random, network: this.network.of(life), disk, hashing: rememberedHashing, web: noWeb }
    return { life, runtime: { ...world, background: inlineBackground(world) } }
  }
}
