import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly code: string
  /** `<!-- not run: reason -->` stands right before it. */
  readonly notRun: string | null
}

export interface Page {
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
}

/** README, DESIGN, CONTRIBUTING and all of docs/. */
export async function allPages(): Promise<Page[]> {
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  const names = ['README.md', 'CONTRIBUTING.md', ...docs]
  return Promise.all(names.map(async (name) => pageOf(name, await readFile(join(root, name), 'utf8'))))
}

function pageOf(name: string, text: string): Page {
  const fences = /(?:<!-- not run: ([^\n]*?) -->\n)?```(\w+)\n([\s\S]*?)```/g
  const blocks = [...text.matchAll(fences)].map((match) => {
    const [, notRun = null, language, code] = match
    const line = text.slice(0, match.index).split('\n').length
    return { page: name, line, language: language!, code: code!, notRun }
  })
  return { name, text, blocks }
}

/** The commands of a shell block, without comments. */
export function linesOf({ code }: Block): string[] {
  const lines = code.split('\n').map((line) => line.replace(/ +# .*$/, '').trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}
