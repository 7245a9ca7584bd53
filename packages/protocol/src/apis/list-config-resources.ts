import { api, array, int8, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const ListConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  versions: '0-1',
  flexible: '0+',
  request: { resourceTypes: array(int8(), { versions: '1+' }) },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    configResources: structs({ resourceName: string(), resourceType: int8({ versions: '1+', default: 16 }) }),
  },
})
export type ListConfigResourcesRequest = RequestOf<typeof ListConfigResources>
export type ListConfigResourcesResponse = ResponseOf<typeof ListConfigResources>
