import { brokersPassword, certificateFiles } from '../certificates/certificate-files.js'
import { invalidArgument } from '../rivven-testing-error.js'
import type { SecurityPlan } from './security-options.js'

/** Who brokers are at each other, by password and by certificate. */
const brokersUser = 'rivven-brokers'
const nameInCertificates = 'localhost'

const passwordMechanisms = ['scram-sha-512', 'scram-sha-256', 'plain'] as const

/** The plan with what brokers of a cluster need to ask each other, and the keys for that. Throws INVALID_ARGUMENT where nobody could know them. */
export function withPeers(plan: SecurityPlan): { plan: SecurityPlan; keys: Readonly<Record<string, unknown>> } {
  const { mechanisms, clientAuth, hasRules, users, superUsers } = plan
  if (mechanisms.length === 0) {
    if (hasRules && clientAuth === 'none')
      throw unknownPeers("Name users, or write tls: true, clientAuth: 'requested'.")
    return { plan: { ...plan, superUsers: [...superUsers, nameInCertificates] }, keys: {} }
  }
  const mechanism = passwordMechanisms.find((one) => mechanisms.includes(one))
  if (!mechanism) throw unknownPeers("Add 'scram-sha-256' to mechanisms.")
  const keys = {
    inter_broker_username: brokersUser,
    inter_broker_password_file: certificateFiles.brokersPassword,
    sasl_mechanism_inter_broker_protocol: mechanism.toUpperCase(),
  }
  const withBrokers = new Map([...users, [brokersUser, brokersPassword()]])
  return { plan: { ...plan, users: withBrokers, superUsers: [...superUsers, brokersUser] }, keys }
}

function unknownPeers(hint: string) {
  return invalidArgument('Brokers of a cluster could not show who they are to each other.', hint)
}
