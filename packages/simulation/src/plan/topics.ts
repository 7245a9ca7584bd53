export const topic = 'orders'
export const copiesTopic = 'copies'
/** Nobody writes to it. */
export const otherTopic = 'refunds'
/** Nobody reads it. */
export const gossipTopic = 'gossip'
