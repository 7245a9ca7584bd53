import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Empty } from '../../loaded/empty.js'
import { Skeleton } from '../../loaded/shown.js'
import { type TabProps, tabs } from './tabs.js'

/** A tab whose code is loaded when somebody looks at it. */
export function LazyTab({ id, ...props }: { id: string } & TabProps) {
  const loaded = useSignal<{ tab: ComponentType<TabProps> } | 'missing' | undefined>(undefined)
  useEffect(() => {
    const tab = tabs.find((one) => one.id === id)
    if (!tab) loaded.value = 'missing'
    tab?.load().then(
      (component) => {
        loaded.value = { tab: component }
      },
      () => {
        loaded.value = 'missing'
      },
    )
  }, [id])
  if (loaded.value === undefined) return <Skeleton what="the tab" />
  if (loaded.value === 'missing') return <Empty title="There is no such tab" />
  const { tab: Shown } = loaded.value
  return <Shown {...props} />
}
