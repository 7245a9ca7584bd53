import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-headless-shell', 'google-chrome']

/** Where there is a Chromium: as RIVVEN_CHROMIUM says, else in PATH; undefined: nowhere. */
function findChromium(): string | undefined {
  const named = process.env.RIVVEN_CHROMIUM
  if (named) return named
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file))
}

const executablePath = findChromium()
if (executablePath === undefined) console.log('dashboard tests skipped: no Chromium')

/** For `test(name, { skip: noChromium }, …)`. */
export const noChromium = executablePath === undefined && 'no Chromium'

/** One for all tests of a file; the caller closes it. Root needs to be told that it has no sandbox. */
export function launchChromium(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ ...(executablePath !== undefined && { executablePath }), args })
}
