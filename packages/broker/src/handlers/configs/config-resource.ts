/** Kinds of things that have configs, as the protocol numbers them. */
export const ResourceType = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const

/** Kafka's numbers of the types of configs (DescribeConfigs). */
export const configTypes = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7, password: 9 } as const
