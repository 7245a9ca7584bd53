import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConsumerGroupHeartbeat, ErrorCode } from '@rivven/protocol'
import { allHandlers } from '../../../src/handlers/all-handlers.js'
import { handleConsumerGroupHeartbeat } from '../../../src/handlers/groups/consumer-group-heartbeat.js'
import type { BrokerServices, RequestContext } from '../../../src/handlers/handler.js'
import { Router } from '../../../src/net/router.js'
import { openAccess } from '../open-access.js'

test('the consumer protocol is named and refused: a client that looks for it in vain may wait for ever', () => {
  const { advertised } = new Router(allHandlers, 100_000)
  assert.ok(advertised.some(({ apiKey }) => apiKey === ConsumerGroupHeartbeat.key))
  const answer = handleConsumerGroupHeartbeat.handle({}, {} as BrokerServices, { access: openAccess } as RequestContext)
  const { errorCode, errorMessage } = answer as { errorCode: number; errorMessage: string }
  assert.equal(errorCode, ErrorCode.UNSUPPORTED_VERSION)
  assert.match(errorMessage, /set group\.protocol to classic/)
})
