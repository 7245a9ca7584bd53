import { ErrorCode, IncrementalAlterConfigs } from '@rivven/protocol'
import { handler } from '../handler.js'
import { type Alteration, alterConfigs, applyAlteration, type Change, refuse } from './alter-topic-configs.js'

export const handleIncrementalAlterConfigs = handler(IncrementalAlterConfigs, async (request, services, context) => {
  const { resources, validateOnly } = request
  return {
    responses: await alterConfigs(resources, ({ configs }) => changed(configs), { validateOnly, services, context }),
  }
})

function changed(alterations: readonly Alteration[]): Change {
  return (own, broker) => {
    const names = new Set(alterations.map(({ name }) => name))
    if (names.size < alterations.length) return refuse(ErrorCode.INVALID_REQUEST, 'The request names a config twice.')
    const configs = new Map(own)
    for (const alteration of alterations) {
      const refusal = applyAlteration(configs, alteration, broker)
      if (refusal) return refusal
    }
    return configs
  }
}
