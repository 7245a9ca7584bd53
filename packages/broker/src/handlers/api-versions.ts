import { ApiVersions, ErrorCode } from '@rivven/protocol'
import { finalizedFeatures, supportedFeatures } from '../features.js'
import { handler } from './handler.js'

/** Since this version a client says what it is. */
const FIRST_VERSION_WITH_SOFTWARE = 3
const softwarePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

const finalizedFeaturesEpoch = 1

export const handleApiVersions = handler(ApiVersions, (request, { advertisedApis, rebalanceHints }, context) => {
  const { apiVersion, connection } = context
  const isNamed =
    softwarePattern.test(request.clientSoftwareName) && softwarePattern.test(request.clientSoftwareVersion)
  if (apiVersion >= FIRST_VERSION_WITH_SOFTWARE && !isNamed) return { errorCode: ErrorCode.INVALID_REQUEST }
  rebalanceHints.introduce(connection, request.clientSoftwareName)
  return { apiKeys: advertisedApis, supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch }
})
