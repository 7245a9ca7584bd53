import type { OpenPage } from '../page.js'

export const healthPages: readonly OpenPage[] = [
  { kind: 'open', path: '/health/live', answer: (context) => context.json({ live: true }) },
  {
    kind: 'open',
    path: '/health/ready',
    answer: (context, { readiness }) => context.json(readiness, readiness.ready ? 200 : 503),
  },
]
