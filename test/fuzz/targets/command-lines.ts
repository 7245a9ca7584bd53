import { runProgram } from '@rivven/cli'
import { fakeRuntime } from '@rivven/fakes'
import { Finding, type Target } from '../harness/target.js'

/** Between two words of one line. */
const BETWEEN = '\0'
/** No command may wait for so long where no broker answers. */
const MOST_MS = 600_000

const lines = [
  'topic list',
  'topic create orders --partitions 3 --config retention.ms=1000 --timeout 2s',
  'topic describe orders -o json',
  'topic alter orders --partitions 5 --config a=b --delete-config c',
  'topic delete orders --yes',
  'produce orders --key-separator : --compression lz4 --partition 1 --header a=b',
  'produce orders -f - --whole-file --acks all',
  'consume orders --from-beginning --max 10 -o ndjson',
  'consume orders --group g --partition 1 --offset 5 --timeout 1s',
  'group list --state stable',
  'group describe g -o json',
  'group lag g --watch 1s',
  'group explain g',
  'group timeline g --since 1h --limit 5',
  'group reset-offsets g --topic orders:0,1 --to-earliest --execute',
  'group reset-offsets g --from-file - --execute --yes',
  'group reset-offsets g --all-topics --shift-by -5',
  'group delete g --yes',
  'group undo g 3 --live --handover 0',
  'group import - --group g --create --dry-run',
  'group export g --all -o json',
  'group watch g',
  'topic peek orders --at 1h --search x --follow',
  'completion fish',
  '__complete groups x',
  'transaction list --state Ongoing --longer-than 5m',
  'transaction describe t',
  'user add alice --mechanism scram-sha-256 --iterations 4096',
  'user list -o csv',
  'acl add --user alice --operation read --topic orders --prefixed',
  'acl list --user alice',
  'acl explain --user alice --operation write --topic orders --host 10.0.0.1',
  'quota set --user alice --client-id c --produce-bytes 1MiB',
  'quota list',
  '--bootstrap-servers [::1]:9092,b:1 topic list --config no-such.yaml',
  '--help',
  '--version',
]

const words = [
  ...new Set(lines.flatMap((line) => line.split(' '))),
  ...['--', '-', '=', '--set', '-1', '1e9', '2147483648', 'none', '*', ':', ',', '__proto__', '--timeout=0', BETWEEN],
]

/** Whole command lines of rivvenctl, where no broker is: each ends with a status, and with a sentence where it fails. */
export async function commandLineTargets(): Promise<Target[]> {
  return [
    {
      name: 'command line/flags of rivvenctl',
      seeds: lines.map((line) => Buffer.from(line.replaceAll(' ', BETWEEN))),
      words,
      refusals: [],
      // Commander makes a command of each, with all of their options.
      mayAllocate: (input) => input.length * 64 + 16 * 1024 * 1024,
      mayTakeMs: 500,
      run: async (input) => {
        const runtime = fakeRuntime()
        runtime.network.onConnect = (end) => end.close()
        const said: string[] = []
        const ending = runProgram(input.toString().split(BETWEEN), terminalOf(said), runtime)
        const status = await runtime.clock.until(ending, MOST_MS)
        const text = said.join('')
        if (!(status >= 0 && status <= 8)) throw new Finding(`it ends with status ${status}`)
        if (status > 0 && text.trim() === '') throw new Finding(`it ends with status ${status} without a word`)
        if (/TypeError|RangeError|is not a function|of undefined|\[object/.test(text)) throw new Finding(text)
        return status === 0
      },
    },
  ]
}

function terminalOf(said: string[]) {
  return {
    out: (data: string | Uint8Array) => void said.push(String(data)),
    words: (text: string) => void said.push(text),
    flushed: async () => undefined,
    read: async function* () {
      yield Buffer.from('orders,0,5\n')
    },
    hiddenLine: async () => 'secret',
    screen: null,
    isInteractive: false,
    env: {},
    stop: new AbortController().signal,
  }
}
