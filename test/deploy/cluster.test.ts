import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brokerConfig } from '@rivven/broker'
import { parse, parseAllDocuments } from 'yaml'

interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly secretKeyRef?: { readonly name: string; readonly key: string }
  }
}

const deploy = join(import.meta.dirname, '../../../deploy')

/** What a broker is told in its environment, as its keys. */
function keysOf(environment: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(environment).map(([name, value]) => [
    name.slice('RIVVEN_'.length).toLowerCase(),
    value,
  ])
  return Object.fromEntries(entries)
}

test('the three brokers of the pods share the database that a secret names, each with an id and a name of its own', () => {
  const manifests = parseAllDocuments(readFileSync(join(deploy, 'kubernetes/cluster.yaml'), 'utf8')).map((document) => {
    assert.deepEqual(document.errors, [])
    return document.toJS()
  })
  const oneOf = (kind: string) => manifests.find((manifest) => manifest.kind === kind)
  const { replicas, template } = oneOf('StatefulSet').spec
  assert.equal(replicas, 3)
  assert.equal(oneOf('PodDisruptionBudget').spec.maxUnavailable, 1)
  const [container] = template.spec.containers
  const env = new Map((container.env as EnvVar[]).map((variable) => [variable.name, variable]))
  assert.match(env.get('RIVVEN_NODE_ID')!.valueFrom!.fieldRef!.fieldPath, /pod-index/)
  assert.deepEqual(env.get('RIVVEN_STORAGE')!.valueFrom!.secretKeyRef, { name: 'rivvend-postgres', key: 'url' })
  const { broker } = parse(oneOf('ConfigMap').data['rivven.yaml'])
  const config = brokerConfig([
    { from: 'rivven.yaml', values: broker },
    {
      from: 'the environment',
      values: {
        storage: 'postgres://rivven@db.internal/rivven?sslmode=verify-full&sslrootcert=/etc/rivven-postgres/ca.crt',
        node_id: 2,
        advertised_listeners: env.get('RIVVEN_ADVERTISED_LISTENERS')!.value!.replace(/\$\(\w+\)/g, 'here'),
      },
    },
  ])
  assert.equal(config.node_id, 2)
  assert.ok(template.spec.terminationGracePeriodSeconds * 1000 > config.shutdown_timeout_ms)
  const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)
  for (const key of ['ssl_certificate_location', 'inter_broker_password_file', 'storage_password_file'] as const)
    assert.ok(mounts.includes(String(config[key]).replace(/\/[^/]+$/, '')), key)
})

test('the three brokers of the compose file reach each other, and clients each of them, by names of their own', () => {
  const { services } = parse(readFileSync(join(deploy, 'cluster.compose.yaml'), 'utf8'), { merge: true })
  const names = ['rivvend-1', 'rivvend-2', 'rivvend-3']
  const configs = names.map((name) => brokerConfig([{ from: name, values: keysOf(services[name].environment) }]))
  for (const name of names) assert.deepEqual(services[name].command, ['--http', '0.0.0.0:9644'])
  assert.deepEqual(
    configs.map(({ node_id }) => node_id),
    [1, 2, 3],
  )
  for (const [at, name] of names.entries()) {
    const [, clients] = /CLIENTS:\/\/localhost:(\d+)/.exec(configs[at]!.advertised_listeners)!
    assert.match(configs[at]!.advertised_listeners, new RegExp(`BROKERS://${name}:9192`))
    assert.ok(services[name].ports.includes(`127.0.0.1:${clients}:9092`))
    assert.ok(services[name].secrets.includes('postgres-password'))
  }
})
