import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwnName } from '../../src/http/host-name.js'

const loopback = { address: { host: '127.0.0.1', port: 9644 }, allowedHosts: ['127.0.0.1'] }
const reachable = { address: { host: '10.0.0.5', port: 9644 }, allowedHosts: ['10.0.0.5', 'rivven.example'] }
const everywhere = { address: { host: '0.0.0.0', port: 9644 }, allowedHosts: 'any' as const }

test('on loopback the names of this machine are its own, and no others', () => {
  for (const host of ['localhost', 'LOCALHOST:9644', '127.0.0.1:80', '[::1]:9644']) {
    assert.equal(isOwnName(host, loopback, '/metrics'), true, host)
  }
  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.5',
    'a b:c',
  ]) {
    assert.equal(isOwnName(host, loopback, '/metrics'), false, host)
  }
})

test('beyond, the API answers to allowed names, and probes and scrapers are answered by any', () => {
  for (const host of ['10.0.0.5', 'rivven.example:9644', 'localhost']) {
    assert.equal(isOwnName(host, reachable, '/api/groups'), true, host)
  }
  assert.equal(isOwnName('evil.example', reachable, '/api/groups'), false)
  assert.equal(isOwnName('broker-1.monitoring', reachable, '/metrics'), true)
  assert.equal(isOwnName('evil.example', everywhere, '/api/groups'), true)
})
