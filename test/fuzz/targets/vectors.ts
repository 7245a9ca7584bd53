import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vectorsOf } from '../inside.js'

/** A JSON file of test vectors. */
export function vectorFile<Content>(path: string): Content {
  return JSON.parse(readFileSync(vectorsOf(path), 'utf8')) as Content
}

/** All of a folder, by their name. */
export function vectorFiles<Content>(folder: string): [name: string, content: Content][] {
  return readdirSync(vectorsOf(folder)).map((file) => [
    file.replace(/\.json$/, ''),
    JSON.parse(readFileSync(join(vectorsOf(folder), file), 'utf8')) as Content,
  ])
}
