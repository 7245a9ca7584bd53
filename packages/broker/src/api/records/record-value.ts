import { Breath } from '../../breath.js'
import { boolean, oneOf } from '../../config/setting.js'
import { placeOfPartition } from '../places.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { shape, type Told } from '../shape.js'
import { readFor } from './list-records.js'
import { recordAt } from './record-at.js'

const mostShown = 1024 * 1024

const bytes = shape('Bytes', {})

export const recordValue = route(
  {
    name: 'GET /api/topics/:topic/partitions/:partition/records/:offset/value',
    about:
      'The bytes of one record’s value or key, as `application/octet-stream`: up to 1 MiB, larger ones with `download`. A browser saves them and shows nothing of them.',
    rights: { needs: 'READ TOPIC' },
    query: {
      part: oneOf(['value', 'key'], 'value', 'value or key.'),
      download: boolean(false, 'However large it is?'),
    },
    answer: bytes,
    at: ({ services, path }) => placeOfPartition(services, path.topic ?? '', Number(path.partition)),
  },
  async (visitor) => {
    const { services, path, query } = visitor
    const { topic = '', partition = '', offset = '' } = path
    const place = `${topic}/${partition} at ${offset}`
    const log = isIndex(partition) ? services.partitions.log(topic, Number(partition)) : undefined
    if (!log) return new Problem('PARTITION_NOT_FOUND', `There is no partition ${topic}/${partition}.`)
    if (!isIndex(offset)) return new Problem('RECORD_NOT_FOUND', `There is no record ${place}.`)
    return readFor<Told<typeof bytes>>(visitor, async () => {
      const record = await recordAt(log, Number(offset), new Breath(services.runtime.clock))
      if (record instanceof Problem) return record
      const found = record?.[query.part] ?? null
      if (found === null) return new Problem('RECORD_NOT_FOUND', `There is no ${query.part} ${place}.`)
      if (found.length > mostShown && !query.download)
        return new Problem('VALUE_TOO_LARGE', `It has ${found.length} bytes; ${mostShown} are shown.`)
      // A copy: what it lies in is not kept.
      return Buffer.from(found) as unknown as Told<typeof bytes>
    })
  },
)

function isIndex(text: string): boolean {
  return /^\d{1,15}$/.test(text)
}
