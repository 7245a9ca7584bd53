import type { Mutant } from './mutant.js'

const reset = 'groups/dist/src/reset'

/** Bugs of live resets and their snapshots: hunted where somebody resets offsets, in seeds that end with 2 or 6. */
export const resetMutants: readonly Mutant[] = [
  {
    name: 'the snapshot does not fence after a load',
    file: 'groups/dist/src/lifecycle.js',
    find: 'group.stored.generation < group.resetGeneration',
    replace: 'false',
  },
  {
    name: 'the batch is split',
    file: 'broker/dist/src/coordinator/shards/record-writer.js',
    find: 'const count = uncut(countThatFits(records), wholes);',
    replace: 'const count = Math.min(1, records.length); void uncut; void countThatFits;',
  },
  {
    name: 'a late commit counts',
    file: 'groups/dist/src/offsets/commit.js',
    find: 'if (generation !== group.generation)',
    replace: 'if (generation < group.generation - 1)',
  },
  {
    name: 'members that keep partitions are not drained',
    file: `${reset}/hand-over.js`,
    find: "if (keeping.length > 0 && mayDrain)\n        return 'drain';\n    for (const member of keeping)\n        putOut(turn, reset, member);",
    replace: 'void mayDrain;',
  },
  {
    name: 'offsets change before members have handed over',
    file: `${reset}/reset-offsets.js`,
    find: 'if (isEmpty)\n        turn.answer',
    replace: 'if (true)\n        turn.answer',
  },
  {
    name: 'no snapshot of a reset',
    file: `${reset}/change-offsets.js`,
    find: 'for (const event of [...kept, ...markUndone(turn, snapshot, kept)])',
    replace: 'for (const event of markUndone(turn, snapshot, kept))',
  },
  {
    name: 'the drained are not asked to join again',
    file: `${reset}/reset-deadline.js`,
    find: 'else if (isDrained(turn, reset))\n        prepareRebalance(turn, whyReset(reset));',
    replace: '',
  },
  {
    name: 'a reset waits for ever',
    file: `${reset}/reset-deadline.js`,
    find: 'if (!reset.isOver && reset.deadline <= now.monotonic)',
    replace: 'if (false)',
  },
  {
    name: 'some offsets of a reset are left out',
    file: `${reset}/change-offsets.js`,
    find: 'for (const change of changes)\n        turn.emit(eventOf(turn, change));',
    replace:
      'for (const change of changes.slice(0, Math.max(1, changes.length - 1)))\n        turn.emit(eventOf(turn, change));',
  },
]
