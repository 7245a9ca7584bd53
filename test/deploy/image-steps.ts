import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { plainEnvironment, root } from '../packages/installation.js'

/** What an image says about its containers; paths are those of the folder that stands for its root. */
export interface Image {
  env: Record<string, string>
  workdir: string
  /** Entry point and command. */
  command: string[]
  healthcheck: string[]
  ports: number[]
  user: string
  /** The path of the image as one of this machine. */
  at(path: string): string
  [Symbol.dispose](): void
}

interface Stage {
  folder: string
  workdir: string
  env: Record<string, string>
}

type Step = (argument: string) => Promise<void> | void

/**
 * Does what a builder of images does with our Dockerfile, without one: each stage is a folder, every absolute path in a step is
 * one in that folder, and Node is the one that runs this. Knows the instructions that we use, and fails at others.
 */
export async function walkDockerfile(path: string): Promise<Image> {
  const work = mkdtempSync(join(tmpdir(), 'rivven-image-'))
  const stages = new Map<string, Stage>()
  let stage: Stage = { folder: work, workdir: '/', env: {} }
  const found = { entrypoint: [] as string[], cmd: [] as string[], healthcheck: [] as string[], ports: [] as number[] }
  let user = 'root'

  const within = (absolute: string) => join(stage.folder, absolute)
  const mapped = (text: string) => text.replaceAll(/(?<![\w.:/-])\/(?=[a-z])/g, `${stage.folder}/`)
  const list = (text: string) => (JSON.parse(text) as string[]).map(mapped)
  const steps: Record<string, Step> = {
    FROM: (argument) => {
      const name = /AS (\w+)/.exec(argument)?.[1] ?? 'last'
      stage = { folder: join(work, name), workdir: '/', env: {} }
      mkdirSync(stage.folder)
      stages.set(name, stage)
    },
    WORKDIR: (argument) => {
      stage.workdir = argument
      mkdirSync(within(argument), { recursive: true })
    },
    COPY: (argument) => copy(argument, stage, stages),
    RUN: async (argument) => {
      const env = {
        ...plainEnvironment(),
        npm_config_prefer_offline: 'true',
        PATH: `${shims(work)}:${process.env.PATH}`,
      }
      await promisify(execFile)('sh', ['-c', mapped(argument)], { cwd: within(stage.workdir), env, maxBuffer: 1 << 26 })
    },
    ENV: (argument) => {
      for (const [, name, value] of argument.matchAll(/(\w+)=(\S+)/g)) stage.env[name!] = mapped(value!)
    },
    USER: (argument) => {
      user = argument
    },
    VOLUME: () => undefined,
    EXPOSE: (argument) => void found.ports.push(...argument.split(' ').map(Number)),
    HEALTHCHECK: (argument) => void found.healthcheck.push(...list(argument.replace(/^.*?CMD /, ''))),
    ENTRYPOINT: (argument) => void found.entrypoint.push(...list(argument)),
    CMD: (argument) => void found.cmd.push(...list(argument)),
  }
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, word, argument] = /^(\w+) (.*)$/.exec(line) ?? []
    const step = steps[word ?? '']
    if (!step) throw new Error(`No step for: ${line}`)
    await step(argument!)
  }
  const image = { ...found, user, env: stage.env, workdir: within(stage.workdir), at: within }
  const command = [...found.entrypoint, ...found.cmd]
  return { ...image, command, [Symbol.dispose]: () => rmSync(work, { recursive: true, force: true }) }
}

function copy(argument: string, stage: Stage, stages: ReadonlyMap<string, Stage>): void {
  const [, from, source, target] = /^(?:--from=(\w+) )?(\S+) (\S+)$/.exec(argument) ?? []
  const to = target === '.' ? join(stage.folder, stage.workdir) : join(stage.folder, target!)
  mkdirSync(dirname(to), { recursive: true })
  const base = from === undefined ? root : stages.get(from)!.folder
  const isIgnored = from === undefined ? ignoring() : () => false
  cpSync(join(base, source!), to, { recursive: true, verbatimSymlinks: true, filter: (path) => !isIgnored(path) })
}

/** `.dockerignore`, as far as we use it: `name` at the root, and names with a `*` behind any number of folders. */
function ignoring(): (path: string) => boolean {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter(Boolean)
  const anywhere = lines.filter((line) => line.startsWith('**/')).map((line) => line.slice(3))
  const matches = (name: string, pattern: string) =>
    pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern
  return (path) => lines.includes(relative(root, path)) || anywhere.some((pattern) => matches(basename(path), pattern))
}

/** Users of the image are none of this machine. */
function shims(work: string): string {
  const folder = join(work, 'shims')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'chown'), '#!/bin/sh\n')
  chmodSync(join(folder, 'chown'), 0o755)
  return folder
}
