import type { Attack } from '../attackers/attack.js'
import { bearerAttacks } from './bearer.js'
import { flippedAttacks } from './flipped.js'
import { frameAttacks } from './frames.js'
import { groupAttacks } from './groups.js'
import { httpAttacks } from './http.js'
import { loginAttacks } from './logins.js'
import { recordAttacks } from './records.js'
import { rightsAttacks } from './rights.js'
import { sizeAttacks } from './sizes.js'
import { tlsAttacks } from './tls.js'
import { topicAttacks } from './topics.js'

/** Rows of the malformed-input tables that a client can send to a broker, and what a stranger tries besides. */
export const allAttacks: readonly Attack[] = [
  ...frameAttacks,
  ...flippedAttacks,
  ...groupAttacks,
  ...recordAttacks,
  ...topicAttacks,
  ...sizeAttacks,
  ...tlsAttacks,
  ...loginAttacks,
  ...bearerAttacks,
  ...rightsAttacks,
  ...httpAttacks,
]
