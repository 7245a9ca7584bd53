import { ApiVersions, ErrorCode } from '@rivven/protocol'
import { handler } from './handler.js'

/** Since this version a client says what it is. */
const FIRST_VERSION_WITH_SOFTWARE = 3
const softwarePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

/**
 * What clients look for before they use KIP-890: transactions of version 2. `group.version` is left out as long as there is
 * no ConsumerGroupHeartbeat, `metadata.version` because it speaks of a log of metadata that is not here.
 */
const supportedFeatures = [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }]
const finalizedFeatures = [{ name: 'transaction.version', minVersionLevel: 2, maxVersionLevel: 2 }]
const finalizedFeaturesEpoch = 1

export const handleApiVersions = handler(ApiVersions, (request, { advertisedApis, rebalanceHints }, context) => {
  const { apiVersion, connection } = context
  const isNamed =
    softwarePattern.test(request.clientSoftwareName) && softwarePattern.test(request.clientSoftwareVersion)
  if (apiVersion >= FIRST_VERSION_WITH_SOFTWARE && !isNamed) return { errorCode: ErrorCode.INVALID_REQUEST }
  rebalanceHints.introduce(connection, request.clientSoftwareName)
  return { apiKeys: advertisedApis, supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch }
})
