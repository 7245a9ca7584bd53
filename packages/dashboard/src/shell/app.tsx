import { useComputed, useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { useEffect } from 'preact/hooks'
import { meta } from '../api/call.js'
import { useGlobalKeys } from '../keys/use-keys.js'
import { Empty } from '../loaded/empty.js'
import { useCall } from '../loaded/use-call.js'
import { pages } from '../pages/pages.js'
import { findPage } from '../route/find-page.js'
import { location } from '../route/location.js'
import { hrefOf } from '../route/route.js'
import { Help } from './help.js'
import { LazyPage } from './lazy-page.js'
import { TopBar } from './top-bar.js'

const home = { path: ['groups'], query: {} }

/** The whole of it: bar, page, help. */
export function App() {
  const isHelping = useSignal(false)
  const help = (): void => {
    isHelping.value = true
  }
  useGlobalKeys(help)
  useMeta()
  const found = useComputed(() => findPage(pages, location.value.path.length > 0 ? location.value : home))
  const { entry, names } = found.value ?? {}
  const title = entry?.title(names ?? {}) ?? 'Not found'
  useEffect(() => {
    document.title = `${title} · Rivven`
  }, [title])
  return (
    <>
      <TopBar pages={pages} showHelp={help} />
      <main id="main" tabIndex={-1}>
        {entry ? <LazyPage entry={entry} names={names ?? {}} query={location.value.query} /> : <NotFound />}
      </main>
      {isHelping.value && (
        <Help
          close={() => {
            isHelping.value = false
          }}
        />
      )}
    </>
  )
}

function NotFound() {
  return (
    <Empty title="There is no such page">
      <p>
        <a href={hrefOf(['groups'])}>All groups</a>
      </p>
    </Empty>
  )
}

/** Asked now and then: a broker that was restarted may allow something else. */
function useMeta(): void {
  const { loaded } = useCall<ApiAnswers.Meta>('api/meta', 30_000)
  const { value } = loaded.value
  useEffect(() => {
    if (value) meta.value = value
  }, [value])
}
