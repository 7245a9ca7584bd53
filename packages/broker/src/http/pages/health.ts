import type { OpenPage } from '../page.js'

export const healthPages: readonly OpenPage[] = [
  { kind: 'open', name: 'GET /health/live', answer: (context) => context.json({ live: true }) },
  {
    kind: 'open',
    name: 'GET /health/ready',
    answer: (context, { readiness }) => context.json(readiness, readiness.ready ? 200 : 503),
  },
]
