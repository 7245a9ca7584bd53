import { ErrorCode, UpdateFeatures, type UpdateFeaturesRequest } from '@rivven/protocol'
import { finalizedFeatures } from '../../features.js'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'

type Update = UpdateFeaturesRequest['featureUpdates'][number]

const FIRST_VERSION_WITH_UPGRADE_TYPE = 1
const UNKNOWN_UPGRADE_TYPE = 0

/** Features are what this version of Rivven has: asking for that is fine, anything else is refused, all at once (KIP-584). */
export const handleUpdateFeatures = handler(UpdateFeatures, ({ featureUpdates }, _services, context) => {
  const denied = clusterDenial(context, 'ALTER')
  if (denied !== ErrorCode.NONE) return { errorCode: denied, errorMessage: null, results: [] }
  for (const update of featureUpdates) {
    const fault = faultOf(update, context.apiVersion)
    if (fault) return { errorCode: ErrorCode.INVALID_UPDATE_VERSION, errorMessage: fault, results: [] }
  }
  const results = featureUpdates.map(({ feature }) => ({ feature, errorCode: ErrorCode.NONE, errorMessage: '' }))
  return { errorCode: ErrorCode.NONE, errorMessage: null, results }
})

function faultOf({ feature, maxVersionLevel, upgradeType }: Update, apiVersion: number): string | undefined {
  const known = finalizedFeatures.find(({ name }) => name === feature)
  if (!known) return `This broker has no feature ${feature.slice(0, 100)}.`
  if (apiVersion >= FIRST_VERSION_WITH_UPGRADE_TYPE && upgradeType === UNKNOWN_UPGRADE_TYPE) {
    return `There is no type of upgrade ${upgradeType}.`
  }
  if (maxVersionLevel === known.maxVersionLevel) return undefined
  return `${feature} is ${known.maxVersionLevel} here and cannot be ${maxVersionLevel}.`
}
