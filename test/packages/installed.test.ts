import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { brokerProcess } from '../support/broker-process.js'
import { roundTrip, typed } from './application.js'
import { type Installation, installPackages, publishedFolders, root } from './installation.js'

// Our packages as they would be published, in an empty folder outside of the repository.
let installed: Installation
let reason: string | undefined
before(async () => {
  const result = await installPackages('@types/node@20')
  if (typeof result === 'string') reason = result
  else installed = result
})
after(() => installed?.[Symbol.dispose]())

function installedTest(name: string, check: () => Promise<void> | void): void {
  test(name, async (context) => {
    if (reason !== undefined) context.skip(reason)
    else await check()
  })
}

const modules = join('node_modules', '@rivven')
const filesOf = (name: string) => {
  const folder = join(installed.folder, name.startsWith('rivven') ? 'node_modules' : modules, name)
  return { folder, files: readdirSync(folder, { recursive: true }).map(String) }
}

installedTest('every package brings README, LICENSE and CHANGELOG, and source maps only with their sources', () => {
  for (const name of publishedFolders()) {
    const { folder, files } = filesOf(name)
    for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) assert.ok(files.includes(file), `${name}: ${file}`)
    for (const file of files) {
      assert.doesNotMatch(file, /\.test\.|\.tsbuildinfo$/, name)
      if (!file.endsWith('.map')) continue
      const { sources } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { sources: string[] }
      for (const source of sources) assert.ok(existsSync(join(folder, dirname(file), source)), `${name}: ${source}`)
    }
  }
})

const imports =
  "import { startRivven } from '@rivven/testing'\nimport { Consumer, Producer, RivvenError } from '@rivven/client'\n"
const requires =
  "const { startRivven } = require('@rivven/testing')\nconst { Consumer, Producer, RivvenError } = require('@rivven/client');\n"

installedTest('client and broker work for an ES module', async () => {
  const program = installed.write('round-trip.mjs', `${imports}${roundTrip}\nconsole.log(keys.length)`)
  assert.deepEqual(await installed.run(process.execPath, [program]), { stdout: '5\n', stderr: '' })
})

installedTest('and for require, which gets the same classes and says nothing', async () => {
  const same = "console.log(keys.length, (await import('@rivven/client')).RivvenError === RivvenError)"
  const program = installed.write('round-trip.cjs', `${requires}(async () => {${roundTrip}\n${same}\n})()`)
  assert.deepEqual(await installed.run(process.execPath, [program]), { stdout: '5 true\n', stderr: '' })
})

for (const [what, file, options] of [
  ['an ES module, nodenext', 'app.mts', ['--module', 'nodenext']],
  ['CommonJS, nodenext', 'app.cts', ['--module', 'nodenext']],
  ['CommonJS, node16', 'app.cts', ['--module', 'node16', '--target', 'es2022']],
  ['a bundler', 'app.mts', ['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022']],
] as const) {
  installedTest(`the types are right for TypeScript: ${what}`, async () => {
    const source = installed.write(join('types', file), `${imports.replace('Producer, ', '')}${typed}`)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const common = ['--noEmit', '--strict', '--types', 'node', '--lib', 'es2022,esnext.disposable', '--ignoreConfig']
    const { stdout } = await installed
      .run(process.execPath, [tsc, ...common, ...options, source])
      .catch((error: { stdout: string }) => error)
    assert.equal(stdout, '')
  })
}

installedTest('@rivven/opentelemetry works with the API alone, for import and for require', async () => {
  const program = "instrumentRivven().disable(); console.log('fine')"
  const module = installed.write(
    'telemetry.mjs',
    `import { instrumentRivven } from '@rivven/opentelemetry'\n${program}`,
  )
  const script = installed.write(
    'telemetry.cjs',
    `const { instrumentRivven } = require('@rivven/opentelemetry')\n${program}`,
  )
  for (const file of [module, script])
    assert.deepEqual(await installed.run(process.execPath, [file]), { stdout: 'fine\n', stderr: '' })
})

installedTest('rivvend and rivvenctl run', async () => {
  const program = join(installed.folder, 'node_modules/rivvend/bin/rivvend.cjs')
  await using broker = await brokerProcess({}, { program, args: ['--data-dir', join(installed.folder, 'data')] })
  const ctl = (...words: string[]) =>
    installed.run(join(installed.folder, 'node_modules/.bin/rivvenctl'), ['-b', broker.bootstrapServers, ...words])
  await ctl('produce', 'orders', 'a first order', '--compression', 'zstd')
  const { stdout } = await ctl('consume', 'orders', '--from-beginning', '--max-messages', '1')
  assert.equal(stdout, 'a first order\n')
})
