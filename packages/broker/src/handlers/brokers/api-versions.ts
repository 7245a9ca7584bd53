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
  clientSoftware.introduce(connection, request.clientSoftwareName, request.clientSoftwareVersion)
  const apiKeys = clientSoftware.isOurs(connection) ? [...advertisedApis, ...ownApis] : advertisedApis
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
