import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of vectors made by Apache Kafka 4.3.1 (compiled tests run from dist/test). */
export function readVectors<Contents>(name: string): Contents {
  const path = join(import.meta.dirname, '../../../test/vectors', `${name}.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as Contents
}

export function bytesOf(base64: string): Buffer
export function bytesOf(base64: string | null): Buffer | null
export function bytesOf(base64: string | null): Buffer | null {
  return base64 === null ? null : Buffer.from(base64, 'base64')
}
