import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Broker, brokerConfig, memoryStorage, silentLog } from '@rivven/broker'
import { nodeListenHttp, nodeRuntime } from '@rivven/runtime'
import { startRivven } from '@rivven/testing'
import { parse, parseAllDocuments } from 'yaml'
import { pemFile } from '../support/certificates.js'

interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme?: string }
}

interface Container {
  readonly env: EnvVar[]
  readonly ports: { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly volumeMounts: { readonly name: string; readonly mountPath: string }[]
}

interface Manifest {
  readonly kind: string
  readonly data: Record<string, string>
  readonly spec: {
    readonly serviceName: string
    readonly clusterIP?: string
    readonly ports?: { readonly name: string; readonly port: number }[]
    readonly template: {
      readonly spec: {
        readonly containers: Container[]
        readonly volumes: { readonly name: string; readonly secret?: { readonly secretName: string } }[]
      }
    }
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
  const [container] = oneOf(all, 'StatefulSet').spec.template.spec.containers as [Container]
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))
  assert.deepEqual(ports, { kafka: portOf(config.listeners), http: portOf(config.http) })
  const service = oneOf(all, 'Service')
  assert.equal(service.spec.clusterIP, 'None')
  assert.deepEqual(Object.fromEntries(service.spec.ports?.map(({ name, port }) => [name, port]) ?? []), ports)
  assert.equal(oneOf(all, 'StatefulSet').spec.serviceName, service.metadata.name)
  assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === config.data_dir))
  const advertised = container.env.find(({ name }) => name === 'RIVVEN_ADVERTISED_LISTENERS')?.value as string
  assert.equal(portOf(advertised), ports.kafka)
  assert.match(advertised, /^CLIENTS:\/\/\$\(POD_NAME\)\.rivvend\.\$\(POD_NAMESPACE\)\.svc:/)
})

test('rivvend finds its certificates and the first password where its pod mounts the secrets', () => {
  const all = manifests('rivvend.yaml')
  const { broker } = parse(oneOf(all, 'ConfigMap').data['rivven.yaml'] as string) as { broker: Record<string, unknown> }
  assert.equal(broker.allow_anonymous, undefined)
  const { containers, volumes } = oneOf(all, 'StatefulSet').spec.template.spec
  const mounts = new Map(containers[0]?.volumeMounts.map(({ mountPath, name }) => [mountPath, name]))
  const secrets = new Map(volumes.map(({ name, secret }) => [name, secret?.secretName]))
  const secretOf = (key: string) => secrets.get(mounts.get(dirname(String(broker[key]))) as string)
  assert.equal(secretOf('ssl_certificate_location'), 'rivvend-tls')
  assert.equal(secretOf('ssl_key_location'), 'rivvend-tls')
  assert.equal(secretOf('bootstrap_admin_password_file'), 'rivvend-admin')
})

test('what its configuration says starts a broker that asks for passwords and shows its health', async () => {
  const { broker } = parse(oneOf(manifests('rivvend.yaml'), 'ConfigMap').data['rivven.yaml'] as string) as {
    broker: Record<string, unknown>
  }
  const folder = mkdtempSync(join(tmpdir(), 'rivven-pod-'))
  writeFileSync(join(folder, 'password'), 'a-long-password')
  const here = {
    listeners: String(broker.listeners).replace(/:\d+$/, ':0'),
    advertised_listeners: 'CLIENTS://localhost:9093',
    http: '0.0.0.0:0',
    ...{ ssl_certificate_location: pemFile('broker.pem'), ssl_key_location: pemFile('broker.key') },
    bootstrap_admin_password_file: join(folder, 'password'),
    ...{ memory: true, data_dir: folder },
  }
  const config = brokerConfig([{ from: 'rivven.yaml', values: { ...broker, ...here } }])
  const runtime = nodeRuntime()
  const options = { config, runtime, storage: memoryStorage(runtime), log: silentLog(), listenHttp: nodeListenHttp }
  const started = await Broker.start(options)
  try {
    const [container] = oneOf(manifests('rivvend.yaml'), 'StatefulSet').spec.template.spec.containers as [Container]
    // As the kubelet asks: without a look at the certificate's name.
    const status = async (path: string): Promise<number | undefined> => {
      const { port } = started.httpAddress ?? {}
      const [answer] = await once(get({ port, path, rejectUnauthorized: false, agent: false }), 'response')
      answer.resume()
      return answer.statusCode
    }
    for (const { httpGet } of [container.livenessProbe, container.readinessProbe]) {
      assert.equal(httpGet.scheme, 'HTTPS')
      assert.equal(await status(httpGet.path), 200)
    }
    assert.deepEqual([await status('/metrics'), await status('/api/groups')], [200, 401])
    assert.deepEqual(
      started.listeners.map(({ protocol }) => protocol),
      ['SASL_SSL'],
    )
  } finally {
    await started.close()
    rmSync(folder, { recursive: true })
  }
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
  assert.equal(env.get('RIVVEN_BOOTSTRAP_SERVERS')?.value, 'rivvend:9093')
  assert.equal(env.get('RIVVEN_SECURITY_PROTOCOL')?.value, 'sasl_ssl')
  const mounts = container.volumeMounts.map(({ mountPath }) => mountPath)
  for (const name of ['RIVVEN_SSL_CA_LOCATION', 'RIVVEN_SASL_PASSWORD_FILE'])
    assert.ok(mounts.includes(dirname(env.get(name)?.value ?? '')), name)
})
