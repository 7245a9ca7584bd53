/** What an error was about. Only the facts that are known are there. */
export interface ErrorFacts {
  topic?: string
  partition?: number
  offset?: number
  group?: string
  memberId?: string
  /** Node id of the broker. */
  broker?: number
  /** `host:port` of the broker. */
  address?: string
  /** Name of the Kafka API of the failed request. */
  api?: string
  /** How many attempts were made before giving up. */
  attempts?: number
  /** What was not allowed, in Kafka's words (`READ`), and on what (`topic orders`): of AUTHORIZATION_FAILED. */
  operation?: string
  resource?: string
  [fact: string]: string | number | boolean | readonly string[] | readonly number[] | undefined
}
