import {
  AlterConfigs,
  type AlterConfigsRequest,
  IncrementalAlterConfigs,
  type IncrementalAlterConfigsRequest,
} from '@rivven/protocol'
import type { Change } from '../../security/audit/audit.js'
import { Operation } from '../configs/alter-topic-configs.js'
import { ResourceType } from '../configs/config-resource.js'
import { apiChanges, changesOf } from './change-list.js'

export const configChanges = [apiChanges(AlterConfigs, alterations), apiChanges(IncrementalAlterConfigs, alterations)]

type Request = AlterConfigsRequest | IncrementalAlterConfigsRequest

interface Answer {
  readonly responses: readonly {
    readonly errorCode: number
    readonly resourceType: number
    readonly resourceName: string
  }[]
}

/** Answers stand in the order of what was asked. */
function alterations({ resources, validateOnly }: Request, { responses }: Answer): Iterable<Change> {
  if (validateOnly) return []
  return changesOf(responses, ({ errorCode, resourceType, resourceName: name }, at) => {
    const configs = resources[at]?.configs ?? []
    // What was refused may be a password that belongs elsewhere: its value is not told.
    const detail = errorCode === 0 ? settingsText(configs) : configs.map((config) => config.name).join(', ')
    return { operation: 'ALTER_CONFIGS', type: typeOf(resourceType), name, detail }
  })
}

function typeOf(resourceType: number): Change['type'] {
  switch (resourceType) {
    case ResourceType.TOPIC:
      return 'TOPIC'
    case ResourceType.GROUP:
      return 'GROUP'
    default:
      return 'BROKER'
  }
}

interface Setting {
  readonly name: string
  readonly value: string | null
  /** Absent: it is set. */
  readonly configOperation?: number
}

const signs: Readonly<Record<number, string>> = { [Operation.APPEND]: '+=', [Operation.SUBTRACT]: '-=' }

/** Configs of topics, none of which is a secret, and what becomes of them. */
export function settingsText(settings: readonly Setting[]): string {
  const texts = settings.map(({ name, value, configOperation = Operation.SET }) =>
    configOperation === Operation.DELETE ? `${name} removed` : `${name}${signs[configOperation] ?? '='}${value ?? ''}`,
  )
  return texts.join(', ')
}
