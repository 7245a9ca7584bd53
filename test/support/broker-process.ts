import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const rivvend = join(import.meta.dirname, '../../../packages/broker/bin/rivvend.cjs')

interface ProcessOptions {
  /** Arguments of Node. */
  imports?: string[]
  env?: Record<string, string>
  /** What is started. Default: rivvend as it is compiled, not bundled. */
  program?: string
  /** Default: nothing is stored. */
  args?: string[]
}

/** A broker in a process of its own: for tests in which this process is busy or blocked, or that need another environment. */
export async function brokerProcess(
  config: Record<string, string | number>,
  { imports = [], env = {}, program = rivvend, args = ['--memory'] }: ProcessOptions = {},
) {
  const set = Object.entries(config).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const child = spawn(process.execPath, [...imports, program, '--listen', '127.0.0.1:0', ...args, ...set], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const gone = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  /** What is behind these words on a line of their own. */
  const told = (words: string) =>
    new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        if (line.startsWith(words)) resolve(line.slice(words.length).split(' ')[0]!)
      })
      lines.once('close', () => reject(new Error(`rivvend ended before it said "${words}"`)))
    })
  const http = told('http on ')
  http.catch(() => undefined)
  const bootstrapServers = await told('rivvend ready on ')
  return {
    bootstrapServers,
    /** Where its HTTP side is; only with a config that names the address. */
    http,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await gone
    },
  }
}
