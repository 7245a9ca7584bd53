import type { ShellRow } from './shell-table.js'

/** Fish asks for candidates, a line each, and picks those that fit. */
export function fishScript(rows: readonly ShellRow[]): string {
  return `# Completion of rivvenctl for fish, as by: rivvenctl completion fish | source
function __rivvenctl_at
    switch "$argv[1]"
${rows.map(caseOf).join('')}    end
end

function __rivvenctl_candidates
    set -g __rivvenctl_commands
    set -l path ''
    set -l kind ''
    __rivvenctl_at ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test -n "$kind"
            set kind ''
        else if string match -q -- '-*' $word
            for value in $__rivvenctl_values
                if string match -q -- "$word=*" $value
                    set kind (string replace -- "$word=" '' $value)
                end
            end
        else if contains -- $word $__rivvenctl_commands
            set path (string trim -- "$path $word")
            __rivvenctl_at $path
        end
    end
    set -l current (commandline -ct)
    if test -z "$kind"; and not string match -q -- '-*' $current; and test (count $__rivvenctl_commands) -eq 0
        set kind $__rivvenctl_argument
    end
    switch "$kind"
        case any
        case files
            __fish_complete_path $current
        case groups topics
            $words[1] __complete $kind (commandline -p | string collect) 2>/dev/null </dev/null
        case '=*'
            string split -- '|' (string sub -s 2 -- $kind)
        case '*'
            if string match -q -- '-*' $current
                printf '%s\\n' $__rivvenctl_flags
            else
                printf '%s\\n' $__rivvenctl_commands
            end
    end
end

complete -c rivvenctl -f -a '(__rivvenctl_candidates)'
`
}

function caseOf({ path, variables }: ShellRow): string {
  const sets = Object.entries(variables).map(([name, text]) => {
    const words = text === '' ? [] : text.split(' ').map((word) => `'${word}'`)
    return `            set -g ${[`__rivvenctl_${name}`, ...words].join(' ')}\n`
  })
  return `        case '${path}'\n${sets.join('')}`
}
