import { api, bytes, int8, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const AlterUserScramCredentials = api({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: {
    deletions: structs({ name: string(), mechanism: int8() }),
    upsertions: structs({
      name: string(),
      mechanism: int8(),
      iterations: int32(),
      salt: bytes(),
      saltedPassword: bytes(),
    }),
  },
  response: {
    throttleTimeMs: int32(),
    results: structs({ user: string(), errorCode: int16(), errorMessage: string({ nullable: '0+' }) }),
  },
})
export type AlterUserScramCredentialsRequest = RequestOf<typeof AlterUserScramCredentials>
export type AlterUserScramCredentialsResponse = ResponseOf<typeof AlterUserScramCredentials>
