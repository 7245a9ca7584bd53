import { shownName } from '../text/visible.js'

/** A name that somebody has chosen: its direction is its own, and what is not seen is written out. */
export function Name({ name }: { name: string }) {
  return <bdi class="name">{shownName(name)}</bdi>
}
