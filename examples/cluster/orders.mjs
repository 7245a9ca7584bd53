import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const lines = readFileSync(join(import.meta.dirname, '../order-processors/orders.ndjson'), 'utf8')
const events = lines.split('\n').filter((line) => line !== '')

/** Order events that come in until they are stopped, over and over the same. */
export class Orders {
  #isStopped = false
  #done

  /** `onAcknowledged` is told where each lies. */
  constructor(producer, topic, onAcknowledged) {
    this.#done = this.#run(producer, topic, onAcknowledged)
  }

  async stop() {
    this.#isStopped = true
    await this.#done
  }

  async #run(producer, topic, onAcknowledged) {
    const sent = new Set()
    for (let at = 0; !this.#isStopped; at++) {
      const value = events[at % events.length]
      const underWay = producer.send({ topic, key: JSON.parse(value).order, value }).then(({ partition, offset }) => {
        sent.delete(underWay)
        onAcknowledged(partition, offset)
      })
      sent.add(underWay)
      await pause(5)
      // What waits for a broker holds back what comes behind it, as in any application.
      while (sent.size >= 500) await Promise.race(sent)
    }
    await Promise.all(sent)
  }
}
