import { useSignal } from '@preact/signals'
import { token } from '../api/call.js'
import type { Problem } from '../api/problem.js'

/** Asks for a bearer token. Names and passwords are asked for by the browser itself. */
export function LoginForm({ problem }: { problem: Problem }) {
  const typed = useSignal('')
  const logIn = (event: Event): void => {
    event.preventDefault()
    token.value = typed.value.trim()
  }
  return (
    <form class="fault" onSubmit={logIn}>
      <h2>{problem.title}</h2>
      <p>{problem.detail}</p>
      <label>
        Token{' '}
        <input
          type="password"
          autocomplete="off"
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value
          }}
        />
      </label>{' '}
      <button type="submit">Log in</button>
      <p class="dim">It is kept in memory until this page is closed.</p>
    </form>
  )
}
