import { restartChurn } from '../../src/checks/rebalances/restart-churn.js'
import { testCheck } from '../check-table.js'
import { hour, minute, now } from '../facts.js'
import { departure, several, story } from '../past.js'

const who = { memberId: 'm-9', groupInstanceId: null, clientId: 'worker', clientHost: '/10.0.0.1' }
const came = (times: number) => several(times, (number) => story((number + 1) * minute, { joined: [who] }))
const went = (times: number, more = {}) =>
  several(times, (number) => departure(`m-${number}`, { at: now - (number + 1) * minute, ...more }))

testCheck(restartChurn, {
  fires: {
    'left and came three times': [
      { departures: went(3), rebalances: came(4) },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: who deploys it fills it in
      { severity: 'warning', evidence: { times: 3 }, config: ['group_instance_id: ${POD_NAME}'] },
    ],
    'was killed and came': [{ departures: went(5, { cause: 'session expired' }), rebalances: came(5) }, {}],
  },
  quiet: {
    'came twice': { departures: went(3), rebalances: came(2) },
    'left twice': { departures: went(2), rebalances: came(5) },
    'another host': { departures: went(3, { clientHost: '/10.0.0.2' }), rebalances: came(3) },
    'by its own poll timeouts': { departures: went(3, { cause: 'poll timeout' }), rebalances: came(3) },
    'a static member': { departures: went(3, { groupInstanceId: 'a' }), rebalances: came(3) },
    'longer than an hour ago': { departures: went(3, { at: now - hour - 1 }), rebalances: came(3) },
  },
})
