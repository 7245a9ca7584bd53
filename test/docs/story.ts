import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { plainEnvironment, root } from '../packages/installation.js'
import type { Block } from './pages.js'

const programs = { rivvend: 'packages/broker/bin/rivvend.cjs', rivvenctl: 'packages/cli/bin/rivvenctl.js' }

/** A folder and a shell in which the blocks of a page are played one after the other, as a reader would. */
export class Story {
  readonly #folder: string
  readonly #ports: ReadonlyMap<string, string>
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>
  #said = ''
  #seen = 0
  #hasEnded = false
  #onSaid: () => void = () => undefined
  /** What the last commands printed. */
  #printed = ''

  private constructor(folder: string, ports: ReadonlyMap<string, string>) {
    this.#folder = folder
    this.#ports = ports
    const env = { ...plainEnvironment(), PATH: `${join(folder, 'bin')}:${process.env.PATH}` }
    // A process group of its own, so that what a block started ends with it.
    const options = {
      cwd: folder,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'],
    }
    this.#shell = spawn('sh', ['-eu', '-c', 'exec 2>&1; while read -r file; do . "$file" < /dev/null; done'], options)
    this.#shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
      this.#onSaid()
    })
    this.#shell.once('exit', () => {
      this.#hasEnded = true
      this.#onSaid()
    })
  }

  /** The ports that the page speaks of are replaced by free ones; its programs are there, compiled, from the beginning on. */
  static async begin(ports: readonly string[], programsOfPage: readonly Block[]): Promise<Story> {
    const folder = await mkdtemp(join(tmpdir(), 'rivven-story-'))
    try {
      const free = await freePorts(ports.length)
      const byName = new Map(ports.map((port, at) => [port, String(free[at])]))
      await bringPrograms(folder)
      for (const block of programsOfPage) await writeTo(folder, block, byName)
      await compile(folder, programsOfPage)
      return new Story(folder, byName)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Commands are run, what they print is compared, and anything else is the content of a file. */
  async play(block: Block): Promise<void> {
    if (block.language === 'sh') this.#printed = await this.#run(block)
    else if (block.language === 'text') this.#compare(block)
    else if (block.language !== 'ts') await writeTo(this.#folder, block, this.#ports)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#shell, 'close')
    try {
      process.kill(-this.#shell.pid!, 'SIGKILL')
      await gone
    } catch (error) {
      // Nothing that it started is left.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #run(block: Block): Promise<string> {
    const end = `# end of ${block.page}:${block.line} #\n`
    // A file of its own: a shell may still be reading the one before when that has said its last word.
    const file = `block-${block.line}.sh`
    await writeFile(join(this.#folder, file), `${withPorts(block.code, this.#ports)}\nprintf '%s\\n' '${end.trim()}'\n`)
    this.#shell.stdin.write(`./${file}\n`)
    await new Promise<void>((resolve) => {
      this.#onSaid = () => {
        // What runs beside the shell may hold its output open: that the shell has ended is looked at by itself.
        if (this.#said.includes(end, this.#seen) || this.#hasEnded) resolve()
      }
      this.#onSaid()
    })
    assert.ok(this.#said.includes(end, this.#seen), `a command failed:\n${this.#said.slice(this.#seen)}`)
    const printed = this.#said.slice(this.#seen, this.#said.indexOf(end, this.#seen))
    this.#seen = this.#said.indexOf(end, this.#seen) + end.length
    return printed
  }

  #compare({ code }: Block): void {
    const lines = new Map<string, number>()
    for (const line of withPorts(code, this.#ports).trimEnd().split('\n')) lines.set(line, (lines.get(line) ?? 0) + 1)
    for (const [line, times] of lines) {
      const pattern = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      const found = this.#printed.match(new RegExp(`^${pattern.join('.*')}$`, 'gm')) ?? []
      assert.equal(found.length, times, `"${line}" is to be printed; this was:\n${this.#printed}`)
    }
  }
}

async function bringPrograms(folder: string): Promise<void> {
  await mkdir(join(folder, 'bin'))
  for (const [name, path] of Object.entries(programs)) {
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\nexec ${process.execPath} ${join(root, path)} "$@"\n`)
    await chmod(join(folder, 'bin', name), 0o755)
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}

async function writeTo(folder: string, block: Block, ports: ReadonlyMap<string, string>): Promise<void> {
  const { file, code, page, line } = block
  assert.ok(file, `${page}:${line} does not say which file it is`)
  await writeFile(join(folder, file), withPorts(code, ports))
}

async function compile(folder: string, blocks: readonly Block[]): Promise<void> {
  const compilerOptions = { composite: false, declaration: false, declarationMap: false, skipLibCheck: true }
  const include = blocks.map(({ file }) => file)
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
}

function withPorts(text: string, ports: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\d{4,5}/g, (number) => ports.get(number) ?? number)
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
