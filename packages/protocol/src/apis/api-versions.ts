import { api, bool, int16, int32, int64, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

/** Answers always have the old response header, and their body is flexible from version 3 on. */
export const ApiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: '0-4',
  flexible: '3+',
  request: { clientSoftwareName: string({ versions: '3+' }), clientSoftwareVersion: string({ versions: '3+' }) },
  response: {
    errorCode: int16(),
    apiKeys: structs({ apiKey: int16(), minVersion: int16(), maxVersion: int16() }),
    throttleTimeMs: int32({ versions: '1+' }),
    supportedFeatures: structs(
      { name: string(), minVersion: int16(), maxVersion: int16() },
      { versions: '3+', tag: 0 },
    ),
    finalizedFeaturesEpoch: int64({ versions: '3+', tag: 1, default: -1 }),
    finalizedFeatures: structs(
      { name: string(), maxVersionLevel: int16(), minVersionLevel: int16() },
      { versions: '3+', tag: 2 },
    ),
    zkMigrationReady: bool({ versions: '3+', tag: 3 }),
  },
})
export type ApiVersionsRequest = RequestOf<typeof ApiVersions>
export type ApiVersionsResponse = ResponseOf<typeof ApiVersions>
