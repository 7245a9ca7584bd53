/** What the thread of the program says to the worker thread. Tasks have numbers. */
export type ToWorker =
  | { kind: 'start'; task: number; module: string; input: unknown }
  | { kind: 'tell'; task: number; message: unknown }
  | { kind: 'stop'; task: number }

/** What the worker thread answers. */
export type FromWorker =
  | { kind: 'message'; task: number; message: unknown }
  | { kind: 'failed'; task: number; error: Error }

/** Given to the worker thread at its start. */
export interface WorkerStart {
  /** When the other thread's performance.now() was 0, in the time of process.hrtime(). */
  readonly origin: number
}

/** Each thread counts performance.now() from its own start; this is that moment on a clock which all threads share. */
export function monotonicOrigin(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6 - performance.now()
}
