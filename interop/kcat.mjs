import { expectSame, feed, linesOf, numbered } from './feeding.mjs'

/** What kcat does: every codec, a group that resumes. */
export function kcat(address) {
  const values = numbered(500)
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    feed('kcat', ['-b', address, '-P', '-t', `kcat-${codec}`, '-z', codec], values)
    const read = linesOf(feed('kcat', ['-b', address, '-C', '-t', `kcat-${codec}`, '-o', 'beginning', '-e', '-q'], []))
    expectSame(`kcat ${codec}`, read, values)
  }
  const first = linesOf(
    feed('kcat', ['-b', address, '-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-e', '-q', 'kcat-none'], []),
  )
  expectSame('kcat in a group', first, values)
  feed('kcat', ['-b', address, '-P', '-t', 'kcat-none'], ['one more'])
  const again = linesOf(
    feed('kcat', ['-b', address, '-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-e', '-q', 'kcat-none'], []),
  )
  expectSame('kcat in a group, resumed', again, ['one more'])
}
