import { api, bool, float64, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

const entity = structs({ entityType: string(), entityName: string({ nullable: '0+' }) })

export const AlterClientQuotas = api({
  key: 49,
  name: 'AlterClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    entries: structs({ entity, ops: structs({ key: string(), value: float64(), remove: bool() }) }),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32(),
    entries: structs({ errorCode: int16(), errorMessage: string({ nullable: '0+' }), entity }),
  },
})
export type AlterClientQuotasRequest = RequestOf<typeof AlterClientQuotas>
export type AlterClientQuotasResponse = ResponseOf<typeof AlterClientQuotas>
