import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../../..')

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : sources(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

/** Where a text becomes a password: of options, variables, environments, and of HTTP's Basic. */
const passwords = [
  /password(?:\?)?['"]?(?:: string)? ?[:=]=?=? ?'([^']*)'/gi,
  /\bbasic\('[^']*', '([^']*)'\)/g,
  /users: \{ (?:'[^']*'|\w+): '([^']*)'/g,
]

test('every password that is written into a test ends as the runner looks for it in what tests print', () => {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'test'))
  const files = [...folders, join(root, 'test')].flatMap((folder) => {
    return readdirSync(join(folder, '..')).includes('test') ? sources(folder) : []
  })
  const unknown = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const found = passwords.flatMap((pattern) => [...text.matchAll(pattern)].map(([, password = '']) => password))
    // What is made of other texts is known if these are.
    const literals = found.filter((password) => password !== '' && !password.includes('$'))
    return literals
      .filter((password) => !/-secret(\\n)?$/.test(password))
      .map((password) => `${relative(root, file)}: ${password}`)
  })
  assert.ok(files.length > 300, `${files.length} files`)
  assert.deepEqual(unknown, [])
})
