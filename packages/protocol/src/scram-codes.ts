import { type NameOf, wireCodes } from './wire-codes.js'

/** SCRAM mechanisms by their names in SASL, with their codes in Describe- and AlterUserScramCredentials (KIP-554). */
export const scramMechanisms = wireCodes({ UNKNOWN: 0, 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 })
export type ScramMechanism = Exclude<NameOf<typeof scramMechanisms>, 'UNKNOWN'>
