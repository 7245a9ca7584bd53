import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api'
import type { ConsumerRecord, Header, ProducerRecord } from '@rivven/client'
import { propagator } from './w3c.js'

/** More would be a span that nobody can look at. */
const mostLinks = 128

type Pairs = [string, string][]

const setter: TextMapSetter<Pairs> = { set: (pairs, key, value) => void pairs.push([key, value]) }

/** Writes the context into the headers of these records, in place of one that came with them. */
export function carryContext(context: Context, records: readonly ProducerRecord[]): void {
  const pairs: Pairs = []
  propagator().inject(context, pairs, setter)
  if (pairs.length === 0) return
  const names = new Set(pairs.map(([name]) => name))
  for (const record of records) {
    const others = listOf(record.headers).filter((header) => !names.has(nameOf(header)))
    record.headers = [...others, ...pairs]
  }
}

function listOf(headers: ProducerRecord['headers']): readonly Header[] {
  if (headers === undefined) return []
  return Array.isArray(headers) ? headers : Object.entries(headers)
}

function nameOf(header: Header): string {
  return 'key' in header ? header.key : header[0]
}

const getter: TextMapGetter<ConsumerRecord['headers']> = {
  keys: (headers) => headers.map(({ key }) => key),
  // The last one counts, as that of the last one to send it.
  get: (headers, name) => headers.findLast(({ key }) => key === name)?.value?.toString(),
}

/** Links to those who sent these records, each once, as far as they said so. */
export function linksOf(records: readonly ConsumerRecord[]): Link[] {
  const links = new Map<string, Link>()
  for (const record of records) {
    if (links.size === mostLinks) break
    const { headers } = record
    if (headers.length === 0) continue
    const context = trace.getSpanContext(propagator().extract(ROOT_CONTEXT, headers, getter))
    if (context) links.set(`${context.traceId}/${context.spanId}`, { context })
  }
  return [...links.values()]
}
