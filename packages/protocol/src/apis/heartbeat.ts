import { api, int16, int32, type RequestOf, type ResponseOf, string } from '../schema.js'

export const Heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: '0-4',
  flexible: '4+',
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', default: null }),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+' }),
    errorCode: int16(),
    /** Of our own, for clients of ours: why, where the error does not say. Others pass over it. */
    reason: string({ versions: '4+', nullable: '4+', default: null, tag: 20480 }),
  },
})
export type HeartbeatRequest = RequestOf<typeof Heartbeat>
export type HeartbeatResponse = ResponseOf<typeof Heartbeat>
