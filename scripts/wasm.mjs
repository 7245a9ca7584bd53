// `npm run wasm` compiles packages/protocol/wasm/block-decoders.ts and writes the code as text that a build can use: needed
// only when that file has changed (a test says so). The compiler is fetched for this alone: 100 MB that nobody else needs.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const COMPILER = 'assemblyscript@0.28.20'
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory']
const LINE = 100

const protocol = join(import.meta.dirname, '../packages/protocol')
const source = join(protocol, 'wasm/block-decoders.ts')
const target = join(protocol, 'src/records/compression/wasm-code.ts')

function compiled() {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-wasm-'))
  try {
    const args = ['--yes', '--package', COMPILER, 'asc', source, '-o', join(folder, 'code.wasm'), ...OPTIONS]
    execFileSync('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' })
    return readFileSync(join(folder, 'code.wasm'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function asText(code) {
  const lines = code.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g'))
  const sum = createHash('sha256').update(readFileSync(source)).digest('hex')
  return `// Made by \`npm run wasm\` from packages/protocol/wasm/block-decoders.ts: not to be edited.

/** SHA-256 of that file. */
export const WASM_SOURCE_SHA256 = '${sum}'

/** The compiled module, in base64. */
export const WASM_CODE = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`
}

const code = compiled()
writeFileSync(target, asText(code))
console.log(`${target}: ${code.length} bytes of code`)
