// Milliseconds of one assignment, and of the next one after a member has left. Run by hand after `npm run build`:
// node bench/micro/assignors.mjs [MEMBERS] [PARTITIONS]
import { cooperativeStickyAssignor, rangeAssignor, roundRobinAssignor, stickyAssignor } from '@rivven/groups'

const [members = 1_000, partitions = 10_000] = process.argv.slice(2).map(Number)
const topics = new Map([['t', { partitions }]])

function team(owned) {
  return Array.from({ length: members }, (_, place) => {
    const memberId = `member-${place}`
    const ownedPartitions = [...(owned?.get(memberId) ?? [])].map(([topic, list]) => ({ topic, partitions: list }))
    const nobody = { groupInstanceId: null, rackId: null, userData: null }
    return { memberId, ...nobody, topics: ['t'], ownedPartitions, generationId: owned ? 1 : -1 }
  })
}

function timed(assignor, members) {
  const before = performance.now()
  const assigned = assignor.assign({ topics, members })
  return [assigned, performance.now() - before]
}

for (const assignor of [rangeAssignor, roundRobinAssignor, stickyAssignor, cooperativeStickyAssignor]) {
  const [owned, first] = timed(assignor, team())
  const [, next] = timed(assignor, team(owned).slice(1))
  console.log(
    `${assignor.name.padEnd(20)} first ${first.toFixed(1).padStart(7)} ms, after a leave ${next.toFixed(1).padStart(7)} ms`,
  )
}
