import { api, array, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const ListGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: { statesFilter: array(string(), { versions: '4+' }), typesFilter: array(string(), { versions: '5+' }) },
  response: {
    throttleTimeMs: int32({ versions: '1+' }),
    errorCode: int16(),
    groups: structs({
      groupId: string(),
      protocolType: string(),
      groupState: string({ versions: '4+' }),
      groupType: string({ versions: '5+' }),
    }),
  },
})
export type ListGroupsRequest = RequestOf<typeof ListGroups>
export type ListGroupsResponse = ResponseOf<typeof ListGroups>
