import { check } from '../../check.js'

export const openToNetwork = check({
  id: 'open-to-network',
  about: 'cluster',
  needs: ['openListeners'],
  run({ openListeners }) {
    return openListeners.map(({ listener, address }) => ({
      severity: 'warning',
      title: `Whoever reaches ${address} may read, write and delete everything`,
      evidence: [
        { text: 'listener', value: listener, unit: null },
        { text: 'address', value: address, unit: null },
      ],
      remedy: 'Let clients log in (docs/security.md), or listen on 127.0.0.1 alone.',
    }))
  },
})
