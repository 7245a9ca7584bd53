import { factsOf } from '../../doctor/group-facts.js'
import { doctorsRules } from '../../doctor/rules.js'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import { lookAt, ofGroup } from '../groups/one-group.js'
import { isOpenTo } from '../groups/told-group.js'
import { route } from '../route.js'
import { groupDiagnosis } from './doctor-shapes.js'

export const groupDoctor = route(
  {
    name: 'GET /api/groups/:group/doctor',
    about:
      'What is wrong with a group, why, and what to type (docs/doctor.md). Topics that one may not describe are left out.',
    ...ofGroup,
    answer: groupDiagnosis,
  },
  async (visitor) => {
    const { services, caller } = visitor
    const { diagnose } = await doctorsRules()
    await learnEnds(services)
    return lookAt(visitor, async (group) => {
      const facts = await factsOf(group, services, isOpenTo(caller))
      return diagnose(facts, services.runtime.clock.now())
    })
  },
)
