import { AlterConfigs, ErrorCode } from '@rivven/protocol'
import { handler } from '../handler.js'
import { alterConfigs, type Change, refuse, setConfig } from './alter-topic-configs.js'

/** The old way: what is not in the request is taken away (IncrementalAlterConfigs is the better one). */
export const handleAlterConfigs = handler(AlterConfigs, async (request, services, context) => {
  const { resources, validateOnly } = request
  return {
    responses: await alterConfigs(resources, ({ configs }) => replaced(configs), { validateOnly, services, context }),
  }
})

function replaced(wanted: readonly { name: string; value: string | null }[]): Change {
  return () => {
    const configs = new Map<string, string>()
    for (const { name, value } of wanted) {
      if (value === null) return refuse(ErrorCode.INVALID_REQUEST, `${name.slice(0, 100)} must have a value.`)
      const refusal = setConfig(configs, name, value)
      if (refusal) return refusal
    }
    return configs
  }
}
