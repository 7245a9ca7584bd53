/** One event as it goes over the wire. JSON has no line ends of its own. */
export function eventText(event: string, data: unknown, id?: string): string {
  const head = id === undefined ? '' : `id: ${id}\n`
  return `${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Browsers come back after so long. */
export const greeting = 'retry: 2000\n\n'
/** Says that nothing has happened, so that nobody in between takes the connection for dead. */
export const comment = ': \n\n'
