import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium, noChromium } from './chromium.js'

export interface Look {
  readonly theme?: 'light' | 'dark'
  /** Width of the window: 360 is a phone. */
  readonly width?: number
  /** Default: things move at once. */
  readonly moves?: boolean
}

/** As each page is looked at, by the name of its picture. */
export const looks: Readonly<Record<string, Look>> = { light: {}, dark: { theme: 'dark' }, phone: { width: 360 } }

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures of pages are put, to be looked at; nowhere by default. */
const pictureFolder = process.env.RIVVEN_PICTURES

/** A page that was opened, and what it has done that it may not. */
export class Viewer {
  readonly page: Page
  readonly #url: string
  readonly #context: BrowserContext
  readonly #faults: string[] = []
  /** What it asked for, in order: paths. */
  readonly requests: string[] = []

  private constructor(url: string, context: BrowserContext, page: Page) {
    this.#url = url
    this.#context = context
    this.page = page
    page.on('request', (request) => this.#asked(request.url()))
    page.on('pageerror', (error) => this.#threw(error))
    page.on('console', (message) => this.#said(message.type(), message.text()))
  }

  static async open(browser: Browser, url: string, hash: string, look: Look = {}): Promise<Viewer> {
    const { theme = 'light', width = 1280, moves = false } = look
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: theme,
      reducedMotion: moves ? 'no-preference' : 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    // A page that shows nothing is known soon.
    context.setDefaultTimeout(15_000)
    const viewer = new Viewer(url, context, await context.newPage())
    await viewer.page.goto(`${url}/${hash}`)
    return viewer
  }

  /** Another state of the same page. */
  async go(hash: string): Promise<void> {
    await this.page.goto(`${this.#url}/${hash}`)
  }

  text(): Promise<string> {
    return this.page.locator('main').innerText()
  }

  async picture(name: string): Promise<void> {
    if (!pictureFolder) return
    mkdirSync(pictureFolder, { recursive: true })
    await this.page.screenshot({ path: join(pictureFolder, `${name}.png`), fullPage: true })
  }

  /** What axe-core has to say against it (WCAG 2.2, A and AA), a line for each. */
  async violations(): Promise<string[]> {
    // By the debugger: the page itself would not take a script of others.
    await this.page.evaluate(axeSource)
    const found = (await this.page.evaluate(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => violations.map(({ id, nodes }) =>
          id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join(' | ')))`,
    )) as string[]
    return found
  }

  /** It reads well for everybody, asked nobody else, and reported nothing. */
  async check(): Promise<void> {
    assert.deepEqual(await this.violations(), [])
    const width = (await this.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )) as number
    assert.ok(width <= 0, `the page is ${width} px wider than the window`)
    assert.deepEqual(this.#faults, [])
  }

  async close(): Promise<void> {
    await this.#context.close()
  }

  /** Told at once: what is waited for will not come. */
  #threw(error: Error): void {
    console.error(error)
    this.#faults.push(`threw ${error.message}`)
  }

  #asked(address: string): void {
    const { origin, pathname, search } = new URL(address)
    this.requests.push(`${pathname}${search}`)
    if (origin !== this.#url) this.#faults.push(`asked ${address}`)
  }

  /** A refusal by the policy is an error of the console. That the broker does not answer is one, too, and shown on the page. */
  #said(type: string, text: string): void {
    if (type === 'error' && !text.startsWith('Failed to load resource')) this.#faults.push(text)
  }
}

/** A browser for the tests of a file, closed after the last of them. */
export function withBrowser(): () => Promise<Browser> {
  let launched: Promise<Browser> | undefined
  after(async () => {
    await (await launched)?.close()
  })
  return () => {
    assert.equal(noChromium, false)
    launched ??= launchChromium()
    return launched
  }
}
