import {
  type Assignor,
  cooperativeStickyAssignor,
  type RebalanceProtocol,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
} from '@rivven/groups'
import { invalid } from '../../options.js'

/** An assignor by its name in configuration, or one of your own. */
export type AssignmentStrategy = 'range' | 'round_robin' | 'sticky' | 'cooperative_sticky' | Assignor

const assignorsByName: Readonly<Record<string, Assignor>> = {
  range: rangeAssignor,
  round_robin: roundRobinAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  cooperative_sticky: cooperativeStickyAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
}

export interface StrategyOptions {
  partitionAssignmentStrategy?: AssignmentStrategy | readonly AssignmentStrategy[]
  rebalanceProtocol?: RebalanceProtocol
}

/**
 * The assignors that a member offers to its group, in order of preference. A cooperative one alone would keep members out
 * that know only eager ones: range is offered with it, and the group's vote decides for each generation.
 *
 * @throws INVALID_ARGUMENT when strategy and protocol contradict each other
 */
export function assignorsOf({ partitionAssignmentStrategy, rebalanceProtocol }: StrategyOptions): Assignor[] {
  const strategy = partitionAssignmentStrategy ?? (rebalanceProtocol === 'cooperative' ? 'cooperative_sticky' : 'range')
  const assignors = namedAssignors(strategy)
  checkAgreement(assignors, rebalanceProtocol)
  return assignors.every(isCooperative) ? [...assignors, rangeAssignor] : assignors
}

/** How members behave in a generation for which this assignor was elected. */
export function protocolOf(assignor: Assignor): RebalanceProtocol {
  return isCooperative(assignor) ? 'cooperative' : 'eager'
}

function isCooperative({ protocols }: Assignor): boolean {
  return protocols.includes('cooperative')
}

function namedAssignors(strategy: AssignmentStrategy | readonly AssignmentStrategy[]): Assignor[] {
  const list = (Array.isArray(strategy) ? strategy : [strategy]) as readonly AssignmentStrategy[]
  if (list.length === 0) throw invalid('partitionAssignmentStrategy is empty.', 'Leave it out for range.')
  const assignors = list.map((entry) => {
    const assignor = typeof entry === 'string' ? assignorsByName[entry] : entry
    if (assignor) return assignor
    throw invalid(
      `partitionAssignmentStrategy "${String(entry)}" is not known.`,
      'Known are range, round_robin, sticky and cooperative_sticky.',
    )
  })
  const names = assignors.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalid(`partitionAssignmentStrategy names ${twice} twice.`, 'Leave one out.')
  return assignors
}

function checkAgreement(assignors: readonly Assignor[], protocol: RebalanceProtocol | undefined): void {
  if (protocol === 'cooperative' && !assignors.some(isCooperative)) {
    throw invalid(
      `rebalanceProtocol (rebalance_protocol) cooperative does not go with partitionAssignmentStrategy (partition_assignment_strategy) ${namesOf(assignors)}.`,
      'Take cooperative_sticky, or leave one of the two out.',
    )
  }
  if (protocol === 'eager' && assignors.some(isCooperative)) {
    throw invalid(
      `rebalanceProtocol (rebalance_protocol) eager does not go with partitionAssignmentStrategy (partition_assignment_strategy) ${namesOf(assignors)}.`,
      'Take sticky, which is eager, or leave one of the two out.',
    )
  }
}

function namesOf(assignors: readonly Assignor[]): string {
  return assignors.map(({ name }) => name).join(', ')
}
