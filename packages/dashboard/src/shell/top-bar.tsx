import { meta } from '../api/call.js'
import { liveness } from '../live/use-live.js'
import type { PageEntry } from '../pages/pages.js'
import { location } from '../route/location.js'
import { hrefOf } from '../route/route.js'
import { nextTheme, theme } from './theme.js'

const livenessWords = { off: 'not live', opening: 'connecting', live: 'live', broken: 'no connection' } as const

/** Where one may go, whether what is shown is live, and how it looks. */
export function TopBar({ pages, showHelp }: { pages: readonly PageEntry[]; showHelp: () => void }) {
  const here = location.value.path[0] ?? 'groups'
  return (
    <header class="top">
      <button type="button" class="skip" onClick={toPage}>
        Skip to the page
      </button>
      <span class="brand">
        Rivven <span class="cluster dim">{meta.value && `broker ${meta.value.broker}`}</span>
      </span>
      <nav class="links" aria-label="Pages">
        {pages.flatMap(({ nav, pattern }) =>
          nav === undefined
            ? []
            : [
                <a key={pattern} href={hrefOf([pattern])} aria-current={pattern === here ? 'page' : undefined}>
                  {nav}
                </a>,
              ],
        )}
      </nav>
      <span class="tools">
        <span class={`live live-${liveness.value}`}>
          <span aria-hidden="true" class="dot" /> {livenessWords[liveness.value]}
        </span>
        <button type="button" onClick={nextTheme} title="Choose the next one">
          Theme: {theme.value}
        </button>
        <button type="button" onClick={showHelp} aria-label="Keys">
          ?
        </button>
      </span>
    </header>
  )
}

function toPage(): void {
  document.getElementById('main')?.focus()
}
