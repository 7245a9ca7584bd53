/** The time over which rates are looked at: the last samples, the one that is being filled included. */
export interface QuotaWindow {
  readonly samples: number
  readonly sampleMs: number
}

/** Kafka's defaults of quota.window.num and quota.window.size.seconds. */
export const usualWindow: QuotaWindow = { samples: 11, sampleMs: 1000 }

/** What is counted is taken to have come in no less time than this, in ms: a burst may be as large as so much time can carry. */
export function burstMs({ samples, sampleMs }: QuotaWindow): number {
  return Math.max(1, samples - 1) * sampleMs
}

/** Which windows count for what. */
export interface QuotaWindows {
  /** For bytes, time of the event loop and connections. */
  readonly rates: QuotaWindow
  /** For partitions that are made or removed. */
  readonly mutations: QuotaWindow
}

export const usualWindows: QuotaWindows = { rates: usualWindow, mutations: usualWindow }
