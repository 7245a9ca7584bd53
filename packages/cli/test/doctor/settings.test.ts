import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerKeys } from '@rivven/client'
import { settings } from '@rivven/doctor'

test('what the doctor says of our client are keys of rivven.yaml', () => {
  for (const { rivven } of Object.values(settings)) assert.ok(rivven && rivven.key in consumerKeys, rivven?.key)
})
