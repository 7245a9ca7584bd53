import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Api,
  allApis,
  decodeBody,
  encodeBody,
  type Field,
  type Fields,
  Heartbeat,
  INT64_MAX,
  OffsetCommit,
} from '@rivven/protocol'

interface TaggedField {
  api: string
  direction: 'request' | 'response'
  path: string
  tag: number
  default: unknown
  minVersion: number
  maxVersion: number
}

const { taggedFields } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/vectors/tagged-fields.json'), 'utf8'),
) as { taggedFields: TaggedField[] }
const ours = taggedFields.flatMap((tagged) => {
  const api = allApis.find(({ name }) => name === tagged.api)
  return api ? [{ ...tagged, api }] : []
})

/** Tags that Kafka will hardly come to. */
const firstOfOurOwn = 20_480

/** The field at 'topics[].partitions[].x'. */
function fieldAt(fields: Fields, path: string): Field<unknown> | undefined {
  const [name, ...rest] = path.split('.')
  const field = fields[name!.replace('[]', '')]
  if (!field || rest.length === 0) return field
  const { type } = field
  const inner = typeof type === 'object' && type.kind === 'array' ? type.of : type
  return typeof inner === 'object' && inner.kind === 'struct' ? fieldAt(inner.fields, rest.join('.')) : undefined
}

/** A message whose lists on the way to the field have one element, in which the field is left out. */
function around(path: string): Record<string, unknown> {
  const [name, ...rest] = path.split('.')
  return rest.length === 0 ? {} : { [name!.replace('[]', '')]: [around(rest.join('.'))] }
}

function valueAt(message: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const found = (value as Record<string, unknown>)[name.replace('[]', '')]
    return name.endsWith('[]') ? (found as unknown[])[0] : found
  }, message)
}

test('tagged fields have the tags that Kafka gives them, and there are no others', () => {
  for (const { api, direction, path, tag } of ours) assert.equal(fieldAt(api[direction], path)?.tag, tag, path)
  const declared = allApis.flatMap((api) => [...tagsOf(api, 'request'), ...tagsOf(api, 'response')])
  const ofKafka = declared.filter(({ tag = 0 }) => tag < firstOfOurOwn)
  assert.equal(ofKafka.length, ours.length)
  // They go to clients of ours alone: who adds one sees to that.
  assert.deepEqual(
    declared.filter((field) => !ofKafka.includes(field)),
    [OffsetCommit.response.reason, Heartbeat.response.reason],
  )
})

function tagsOf(api: Api, direction: 'request' | 'response'): Field<unknown>[] {
  const inside = (fields: Fields): Field<unknown>[] =>
    Object.values(fields).flatMap((field) => {
      const { type } = field
      const inner = typeof type === 'object' && type.kind === 'array' ? type.of : type
      const deeper = typeof inner === 'object' && inner.kind === 'struct' ? inside(inner.fields) : []
      return field.tag === undefined ? deeper : [field, ...deeper]
    })
  return inside(api[direction])
}

test('a tagged field that is left out has the default that Kafka gives it, and takes no bytes when it is set to it', () => {
  for (const { api, direction, path, minVersion, maxVersion, default: standard } of ours) {
    const expected = standard === '9223372036854775807' ? INT64_MAX : standard
    for (let version = minVersion; version <= maxVersion; version++) {
      const bytes = encodeBody(api, version, direction, around(path))
      const { message } = decodeBody(api, version, direction, bytes)
      assert.deepEqual(valueAt(message, path), expected, `${api.name} v${version} ${path}`)
      assert.deepEqual(encodeBody(api, version, direction, message), bytes)
    }
  }
})
