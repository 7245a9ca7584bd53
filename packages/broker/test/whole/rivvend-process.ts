import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '../../../bin/rivvend.cjs')

export interface Run {
  readonly process: ChildProcessWithoutNullStreams
  readonly stdout: () => string
  readonly stderr: () => string
}

/** Starts rivvend in a folder of its own. */
export function rivvendIn(folder: string): (...words: string[]) => Run {
  return (...words) => {
    const process = spawn(globalThis.process.execPath, [bin, ...words], { cwd: folder, stdio: 'pipe' })
    const said = { stdout: '', stderr: '' }
    process.stdout.on('data', (bytes) => {
      said.stdout += bytes
    })
    process.stderr.on('data', (bytes) => {
      said.stderr += bytes
    })
    return { process, stdout: () => said.stdout, stderr: () => said.stderr }
  }
}

export async function ready(run: Run): Promise<string> {
  while (!run.stdout().includes('\n')) {
    if (run.process.exitCode !== null) throw new Error(run.stderr())
    await once(run.process.stdout, 'data')
  }
  return run.stdout()
}

/** Waits until it ends: its exit status, and what it said about that. */
export async function ended(run: Run): Promise<{ status: number | null; said: string }> {
  if (run.process.exitCode === null) await once(run.process, 'close')
  return { status: run.process.exitCode, said: run.stderr() }
}
