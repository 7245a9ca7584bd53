import { commandText } from '../text/command-text.js'
import { counted } from '../text/words.js'
import type { Asked, Found } from './find-records.js'

/** Why there may be more than is shown, or is nothing; empty: all that was asked for is there. */
export function restText(asked: Asked, found: Found, spent: string | undefined): string {
  const { records, unread } = found
  if (unread.length > 0) {
    const found = counted(records.length, 'record')
    return `${found} found, then it was looked no further, after ${spent ?? 'a while'}: ${wayOn(asked, unread)}\n`
  }
  if (records.length > 0) return ''
  return asked.search === '' && asked.place.kind === 'newest' ? 'There are no records.\n' : 'There is no such record.\n'
}

/** Whoever looks back from the end has to say from where on it is looked instead. */
function wayOn({ place, search }: Asked, [first, ...others]: Found['unread']): string {
  if (first === undefined || place.kind === 'newest') return '--at, --offset and --partition look elsewhere.'
  const flags = ['--partition', `${first.partition}`, '--offset', `${first.from}`]
  const command = commandText('topic peek', [first.topic], [...flags, ...(search === '' ? [] : ['--search', search])])
  const more = others.length === 0 ? '' : `, and others in ${counted(others.length, 'more partition')}`
  return `\`${command}\` goes on${more}.`
}
