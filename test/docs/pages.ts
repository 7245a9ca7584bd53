import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** Pages whose blocks need each other: they are played from top to bottom by story.test.ts. */
const stories: readonly string[] = ['docs/security.md']

export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly code: string
  /** `<!-- not run: reason -->` stands right before it. */
  readonly notRun: string | null
  /** What it is the content of: the name in backquotes, and a colon, at the end of the line before it. */
  readonly file: string | null
}

export interface Page {
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
}

/** README, CONTRIBUTING and all of docs/, each block of which stands for itself. */
export async function allPages(): Promise<Page[]> {
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  const names = ['README.md', 'CONTRIBUTING.md', ...docs].filter((name) => !stories.includes(name))
  return Promise.all(names.map(readPage))
}

/** A page whose blocks need each other. */
export async function story(name: string): Promise<Page> {
  if (!stories.includes(name)) throw new Error(`${name} is no story`)
  return readPage(name)
}

async function readPage(name: string): Promise<Page> {
  return pageOf(name, await readFile(join(root, name), 'utf8'))
}

function pageOf(name: string, text: string): Page {
  const fences = /(?:`([\w.-]+)`[^\n`]*:\n\n)?(?:<!-- not run: ([^\n]*?) -->\n)?```(\w+)\n([\s\S]*?)```/g
  const blocks = [...text.matchAll(fences)].map((match) => {
    const [all, file = null, notRun = null, language, code] = match
    const line = text.slice(0, match.index + all.indexOf('```')).split('\n').length
    return { page: name, line, language: language!, code: code!, notRun, file }
  })
  return { name, text, blocks }
}

/** The commands of a shell block, without comments. */
export function linesOf({ code }: Block): string[] {
  const lines = code.split('\n').map((line) => line.replace(/ +# .*$/, '').trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}
