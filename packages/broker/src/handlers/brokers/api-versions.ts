import { ApiVersions, type ApiVersionsRequest, decodeRequest, ErrorCode, type RequestHeader } from '@rivven/protocol'
import { finalizedFeatures, supportedFeatures } from '../../features.js'
import { handler } from '../handler.js'

/** Since this version a client says what it is. */
const FIRST_VERSION_WITH_SOFTWARE = 3
const softwarePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

const finalizedFeaturesEpoch = 1

export const handleApiVersions = handler(ApiVersions, (request, services, context) => {
  const { advertisedApis, ownApis, clientSoftware } = services
  const { apiVersion, connection } = context
  if (!isNamed(request, apiVersion)) return { errorCode: ErrorCode.INVALID_REQUEST }
<<<<<<< HEAD
  clientSoftware.introduce(connection, request.clientSoftwareName)
  const apiKeys = clientSoftware.isOurs(connection) ? [...advertisedApis, ...ownApis] : advertisedApis
=======
  rebalanceHints.introduce(connection, request.clientSoftwareName)
  clientSoftware.introduce(connection, request.clientSoftwareName, request.clientSoftwareVersion)
  const apiKeys = request.clientSoftwareName === softwareOfOurs ? [...advertisedApis, ...ownApis] : advertisedApis
>>>>>>> b599b8ac (API: topics tell size, rate and readers, a broker how it does and what is set there, a group when its offsets expire)
  return { apiKeys, supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch }
})

function isNamed({ clientSoftwareName, clientSoftwareVersion }: ApiVersionsRequest, apiVersion: number): boolean {
  if (apiVersion < FIRST_VERSION_WITH_SOFTWARE) return true
  return softwarePattern.test(clientSoftwareName) && softwarePattern.test(clientSoftwareVersion)
}

/** Will this request be answered without an error? Throws DecodeError. */
export function namesItself({ apiVersion, bodyOffset }: RequestHeader, frame: Buffer): boolean {
  return isNamed(decodeRequest(ApiVersions, apiVersion, frame, bodyOffset), apiVersion)
}
