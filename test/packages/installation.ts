import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const root = join(import.meta.dirname, '../../..')

interface Manifest {
  name: string
  private?: boolean
}

const run = promisify(execFile)

/** All that is published, by folder. */
export function publishedFolders(): string[] {
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as Manifest
  return readdirSync(join(root, 'packages')).filter((folder) => !manifestOf(folder).private)
}

/** A folder outside of the repository where an application has installed our packages as they would be published. */
export interface Installation {
  folder: string
  /** Writes a file and says where it is. */
  write(name: string, text: string): string
  /** Runs a program there. */
  run(command: string, args: string[], env?: Record<string, string>): Promise<{ stdout: string; stderr: string }>
  /** Installs more from the registry. */
  install(...packages: string[]): Promise<void>
  [Symbol.dispose](): void
}

/** Packs every package and installs the tarballs with these other packages; a text: why nothing can be installed here. */
export async function installPackages(...others: string[]): Promise<Installation | string> {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-installed-'))
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  const workspaces = publishedFolders().flatMap((name) => ['--workspace', `packages/${name}`])
  await npm(root, 'pack', ...workspaces, '--pack-destination', tarballs)
  writeFileSync(join(folder, 'package.json'), '{ "name": "application", "private": true }\n')
  const installation: Installation = {
    folder,
    write: (name, text) => {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
      return path
    },
    run: (command, args, env = {}) => run(command, args, { cwd: folder, env: { ...plainEnvironment(), ...env } }),
    install: async (...packages) => void (await npm(folder, 'install', '--prefer-offline', ...packages)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
  try {
    await installation.install(...readdirSync(tarballs).map((file) => join(tarballs, file)), ...others)
    return installation
  } catch (error) {
    installation[Symbol.dispose]()
    return whyNotReached(error)
  }
}

/** A sentence where npm failed because it did not reach its registry; else throws the error again. */
export function whyNotReached(error: unknown): string {
  const told = String((error as { stderr?: string }).stderr)
  if (!/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ENOTCACHED/.test(told)) throw error
  return `the npm registry cannot be reached from here: ${told.split('\n', 1)[0]}`
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier']
  const { stdout } = await run('npm', [...args, ...quiet], { cwd, env: plainEnvironment(), maxBuffer: 1 << 26 })
  return stdout
}

/** Without what `npm test` tells the processes below it. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_TEST_CONTEXT$|^INIT_CWD$/.test(name))
  return Object.fromEntries(own)
}
