import { fileStorage } from '@rivven/broker'

/** Loads what the broker loads when it first needs it: loading takes real time, which no run may depend on. */
export async function loadModules(): Promise<void> {
  await fileStorage('/', { disk: undefined as never, clock: undefined as never }).catch(() => undefined)
}
