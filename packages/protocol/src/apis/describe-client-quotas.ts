import { api, bool, float64, int8, int16, int32, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

export const DescribeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    components: structs({ entityType: string(), matchType: int8(), match: string({ nullable: '0+' }) }),
    strict: bool(),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    entries: structs(
      {
        entity: structs({ entityType: string(), entityName: string({ nullable: '0+' }) }),
        values: structs({ key: string(), value: float64() }),
      },
      { nullable: '0+' },
    ),
  },
})
export type DescribeClientQuotasRequest = RequestOf<typeof DescribeClientQuotas>
export type DescribeClientQuotasResponse = ResponseOf<typeof DescribeClientQuotas>
