import { api, int8, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const DescribeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    resourceTypeFilter: int8(),
    resourceNameFilter: string({ nullable: '0+' }),
    patternTypeFilter: int8({ default: 3 }),
    principalFilter: string({ nullable: '0+' }),
    hostFilter: string({ nullable: '0+' }),
    operation: int8(),
    permissionType: int8(),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    resources: structs({
      resourceType: int8(),
      resourceName: string(),
      patternType: int8({ default: 3 }),
      acls: structs({ principal: string(), host: string(), operation: int8(), permissionType: int8() }),
    }),
  },
})
export type DescribeAclsRequest = RequestOf<typeof DescribeAcls>
export type DescribeAclsResponse = ResponseOf<typeof DescribeAcls>
