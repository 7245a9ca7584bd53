import { useSignal } from '@preact/signals'
import { useEffect, useErrorBoundary } from 'preact/hooks'
import { Empty } from '../loaded/empty.js'
import { Skeleton } from '../loaded/shown.js'
import type { PageComponent, PageEntry, PageProps } from '../pages/pages.js'

/** A page whose code is loaded when it is first gone to. */
export function LazyPage({ entry, ...props }: { entry: PageEntry } & PageProps) {
  const [bug, again] = useErrorBoundary()
  const loaded = useSignal<{ entry: PageEntry; page: PageComponent | 'missing' } | undefined>(undefined)
  useEffect(() => {
    let isWanted = true
    const show = (page: PageComponent | 'missing'): void => {
      if (isWanted) loaded.value = { entry, page }
    }
    entry.load().then(show, () => show('missing'))
    return () => {
      isWanted = false
    }
  }, [entry])
  if (bug !== undefined) return <Broken bug={bug} again={again} />
  if (loaded.value?.entry !== entry) return <Skeleton what="the page" />
  const { page: Page } = loaded.value
  if (Page === 'missing') return <Missing />
  return <Page {...props} />
}

/** A bug of the page: said, with what is known of it. */
function Broken({ bug, again }: { bug: unknown; again: () => void }) {
  return (
    <Empty title="This page failed by a bug">
      <p>{String(bug)}</p>
      <p>
        <button type="button" onClick={again}>
          Try again
        </button>
      </p>
    </Empty>
  )
}

/** Its code has another name since the broker was updated, or nobody answers. */
function Missing() {
  return (
    <Empty title="This page cannot be loaded">
      <p>
        Nobody answers, or the broker was updated meanwhile.{' '}
        <button type="button" onClick={() => window.location.reload()}>
          Load it again
        </button>
      </p>
    </Empty>
  )
}
