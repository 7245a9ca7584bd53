import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whom a program runs as; empty: as ourselves. */
export interface Account {
  uid?: number
  gid?: number
}

/** PostgreSQL refuses root: there it runs as nobody. */
export function accountOfPostgres(): Account {
  if (process.getuid?.() !== 0) return {}
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'))
  if (line === undefined) throw new Error('PostgreSQL does not run as root, and there is no user nobody')
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/** Runs a program to its end and answers what it said; an error says what it complained about. */
export function run(program: string, args: string[], account: Account): Promise<string> {
  return new Promise((resolve, reject) => {
    // In the root folder: PostgreSQL's programs go back to where they were started, which nobody may not.
    const child = spawn(program, args, { ...account, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', all: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said.out += text
      said.all += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said.all += text
    })
    child.once('error', reject)
    child.once('exit', (status, signal) => {
      if (status === 0) resolve(said.out)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}: ${said.all.trim()}`))
    })
  })
}
