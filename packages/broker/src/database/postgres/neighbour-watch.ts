import type { Connection } from './connection/connection.js'
import { LOCK_SPACE } from './names.js'

type Seen = 'ended' | 'free' | 'stopped'

/** Waits for the lock of one broker id after the other, on a connection of its own, which it opens when there is somebody to watch. */
export class NeighbourWatch {
  readonly #open: () => Promise<Connection>
  readonly #broken: () => void
  #stop: () => void = () => undefined
  #hasEnded = false

  /** `broken` is called when a connection has ended of itself, and nobody is watched any more. */
  constructor(open: () => Promise<Connection>, broken: () => void) {
    this.#open = open
    this.#broken = broken
  }

  /** Stops the one before. */
  begin(brokerId: number | undefined): Promise<Seen> {
    this.#stop()
    if (brokerId === undefined || this.#hasEnded) return Promise.resolve('stopped')
    return new Promise((resolve, reject) => {
      let connection: Connection | undefined
      let isStopped = false
      this.#stop = () => {
        isStopped = true
        // A wait cannot be taken back: it ends with its connection, and the server looks after that every second.
        connection?.destroy()
        resolve('stopped')
      }
      this.#open()
        .then(async (opened) => {
          connection = opened
          if (isStopped) return opened.close()
          resolve(await seen(opened, brokerId))
          await opened.close()
        })
        .catch((error) => {
          if (isStopped) return
          reject(error)
          this.#broken()
        })
    })
  }

  end(): void {
    this.#hasEnded = true
    this.#stop()
  }
}

async function seen(connection: Connection, brokerId: number): Promise<Seen> {
  const key = `(${LOCK_SPACE}, ${brokerId})`
  const [row] = await connection.run([`select pg_try_advisory_lock_shared${key} as "isFree"`])
  if (row?.isFree) return 'free'
  await connection.run([`select pg_advisory_lock_shared${key}::text`])
  return 'ended'
}
