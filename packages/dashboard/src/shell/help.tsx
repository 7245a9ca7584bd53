import { useEffect, useRef } from 'preact/hooks'
import { globalKeys } from '../keys/keymap.js'

const ofPages = [
  { keys: 'Esc', does: 'leave a field' },
  { keys: 'Enter', does: 'open the row' },
  { keys: '[  ]', does: 'rebalance before, next (timeline)' },
  { keys: 'Space', does: 'replay it in the map (timeline)' },
]

/** The keys, in a dialog that Escape closes. */
export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {[...globalKeys, ...ofPages].map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(/ +/).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  )
}
