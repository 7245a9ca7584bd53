// The licences of what is compiled into something: they ask that their texts go with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** `inputs`: of esbuild's metafile. */
export function noticesOf({ inputs }) {
  const folders = new Set(Object.keys(inputs).flatMap((file) => file.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []))
  return [...folders]
    .sort()
    .map(noticeOf)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each))
  return `${name} ${version}, ${license}\n\n${file ? readFileSync(join(root, folder, file), 'utf8') : ''}`
}
