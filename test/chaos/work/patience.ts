/** How clients of the campaign wait: soon again, since brokers come and go, and not for one that hangs. */
export const patience = { retryBackoffMs: 20, maxRetryBackoffMs: 200, requestTimeoutMs: 1_500, connectTimeoutMs: 1_500 }

/** A client of the campaign speaks through its checks alone. */
export const quiet = { logger: { warn: () => undefined } }
