import { check } from '../../check.js'
import type { Found } from '../../finding.js'
import { grouped, minuteMs, since } from '../../recent.js'
import { listed } from '../../words.js'

const windowMs = 10 * minuteMs
const leastTimes = 3

export const instanceIdTwice = check({
  id: 'instance-id-twice',
  about: 'group',
  needs: ['group', 'replacements'],
  run({ replacements: { replaced, fenced } }, now) {
    const recent = grouped(since(replaced, now - windowMs), ({ groupInstanceId }) => groupInstanceId)
    return recent.flatMap((ofInstance): Found[] => {
      if (ofInstance.length < leastTimes) return []
      const { groupInstanceId } = ofInstance[0]!
      const hosts = [...new Set(ofInstance.flatMap(({ fromHost, toHost }) => [fromHost, toHost]))]
      return [
        {
          severity: 'critical',
          since: ofInstance[0]!.at,
          title: `Several processes take the place of ${groupInstanceId} from each other`,
          evidence: [
            { text: 'times within ten minutes', value: ofInstance.length, unit: null },
            { text: 'at', value: listed(hosts), unit: null },
            { text: 'requests that were answered FENCED_INSTANCE_ID', value: fenced, unit: null },
          ],
          remedy:
            'Give each process a group_instance_id of its own. Is it one process that ends and starts again and again? Then its log says why.',
        },
      ]
    })
  },
})
