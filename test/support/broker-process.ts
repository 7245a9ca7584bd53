import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const rivvend = join(import.meta.dirname, '../../../packages/broker/bin/rivvend.cjs')

/**
 * A broker in a process of its own, in memory: for tests in which this process is busy or blocked, or that need another
 * environment. `imports` are arguments of Node.
 */
export async function brokerProcess(
  config: Record<string, string | number>,
  { imports = [], env = {} }: { imports?: string[]; env?: Record<string, string> } = {},
) {
  const set = Object.entries(config).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const child = spawn(process.execPath, [...imports, rivvend, '--memory', '--listen', '127.0.0.1:0', ...set], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const gone = new Promise((done) => child.once('exit', done))
  for await (const line of createInterface({ input: child.stdout })) {
    const [, bootstrapServers] = /ready on (\S+)/.exec(line) ?? []
    if (bootstrapServers === undefined) continue
    return {
      bootstrapServers,
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM')
        await gone
      },
    }
  }
  throw new Error('rivvend ended before it was ready')
}
