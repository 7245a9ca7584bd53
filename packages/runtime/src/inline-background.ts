import type { Background, Runtime } from './runtime.js'

/**
 * Runs tasks on the same thread, in the given world: for tests and simulations, which want one order of events, and where
 * no worker thread can be had. Messages are copied and come a little later, as between threads.
 */
export function inlineBackground(world: Omit<Runtime, 'background'>): Background {
  const runtime: Runtime = { ...world, background: { start: (...args) => background.start(...args) } }
  const background: Background = {
    start(task, input, owner) {
      let isStopped = false
      const later = <Message>(message: Message, deliver: (copy: Message) => void): void => {
        const copy = structuredClone(message)
        queueMicrotask(() => isStopped || deliver(copy))
      }
      const running = task.run(
        structuredClone(input),
        (message) => later(message, (copy) => owner.received(copy)),
        runtime,
      )
      return {
        tell: (message) => later(message, (copy) => running.received(copy)),
        stop() {
          isStopped = true
          running.stop()
        },
      }
    },
  }
  return background
}
