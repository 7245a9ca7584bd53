import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brokerConfig } from '@rivven/broker'
import { startRivven } from '@rivven/testing'
import { parse, parseAllDocuments } from 'yaml'

interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Container {
  readonly env: EnvVar[]
  readonly ports: { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly volumeMounts: { readonly mountPath: string }[]
}

interface Manifest {
  readonly kind: string
  readonly data: Record<string, string>
  readonly spec: {
    readonly serviceName: string
    readonly clusterIP?: string
    readonly ports?: { readonly name: string; readonly port: number }[]
    readonly template: { readonly spec: { readonly containers: Container[] } }
  }
  readonly metadata: { readonly name: string }
}

function manifests(name: string): Manifest[] {
  const text = readFileSync(join(import.meta.dirname, '../../../deploy/kubernetes', name), 'utf8')
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, [])
    return document.toJS() as Manifest
  })
}

function oneOf(all: Manifest[], kind: string): Manifest {
  const found = all.filter((manifest) => manifest.kind === kind)
  assert.equal(found.length, 1, kind)
  return found[0] as Manifest
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1))

test("rivvend's configuration is one that rivvend takes, on the ports that pod and service name", () => {
  const all = manifests('rivvend.yaml')
  const { broker } = parse(oneOf(all, 'ConfigMap').data['rivven.yaml'] as string) as { broker: Record<string, unknown> }
  const config = brokerConfig([{ from: 'rivven.yaml', values: broker }])
  const defaults = brokerConfig()
  const [container] = oneOf(all, 'StatefulSet').spec.template.spec.containers as [Container]
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))
  assert.deepEqual(ports, { kafka: portOf(defaults.listen), http: portOf(defaults.http) })
  assert.deepEqual(ports, { kafka: portOf(config.listen), http: portOf(config.http) })
  const service = oneOf(all, 'Service')
  assert.equal(service.spec.clusterIP, 'None')
  assert.deepEqual(Object.fromEntries(service.spec.ports?.map(({ name, port }) => [name, port]) ?? []), ports)
  assert.equal(oneOf(all, 'StatefulSet').spec.serviceName, service.metadata.name)
  assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === config.data_dir))
  const advertised = container.env.find(({ name }) => name === 'RIVVEN_ADVERTISED_LISTENERS')?.value as string
  assert.equal(portOf(advertised), ports.kafka)
  assert.match(advertised, /^\$\(POD_NAME\)\.rivvend\.\$\(POD_NAMESPACE\)\.svc:/)
})

test("rivvend's probes are answered by a broker that works", async () => {
  await using rivven = await startRivven({ http: true })
  const [container] = oneOf(manifests('rivvend.yaml'), 'StatefulSet').spec.template.spec.containers as [Container]
  for (const { httpGet } of [container.livenessProbe, container.readinessProbe]) {
    assert.equal(httpGet.port, 'http')
    assert.equal((await fetch(`${rivven.url}${httpGet.path}`)).status, 200)
  }
})

test('consumers are static members named after their pods', () => {
  const all = manifests('consumers.yaml')
  const set = oneOf(all, 'StatefulSet')
  assert.equal(set.spec.serviceName, oneOf(all, 'Service').metadata.name)
  const [container] = set.spec.template.spec.containers as [Container]
  const env = new Map(container.env.map((variable) => [variable.name, variable]))
  assert.equal(env.get('RIVVEN_GROUP_INSTANCE_ID')?.valueFrom?.fieldRef.fieldPath, 'metadata.name')
  assert.equal(env.get('RIVVEN_GROUP_ID')?.value, 'order-processors')
  assert.equal(env.get('RIVVEN_BOOTSTRAP_SERVERS')?.value, `rivvend:${portOf(brokerConfig().listen)}`)
})
