import { api, int8, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const DescribeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: {
    users: structs({ name: string() }, { nullable: '0+' }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    results: structs({
      user: string(),
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      credentialInfos: structs({ mechanism: int8(), iterations: int32() }),
    }),
  },
})
export type DescribeUserScramCredentialsRequest = RequestOf<typeof DescribeUserScramCredentials>
export type DescribeUserScramCredentialsResponse = ResponseOf<typeof DescribeUserScramCredentials>
