import { api, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const OffsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: '0',
  flexible: 'none',
  request: { groupId: string(), topics: structs({ name: string(), partitions: structs({ partitionIndex: int32() }) }) },
  response: {
    errorCode: int16(),
    throttleTimeMs: int32(),
    topics: structs({ name: string(), partitions: structs({ partitionIndex: int32(), errorCode: int16() }) }),
  },
})
export type OffsetDeleteRequest = RequestOf<typeof OffsetDelete>
export type OffsetDeleteResponse = ResponseOf<typeof OffsetDelete>
