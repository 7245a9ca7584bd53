import { casesOf, type ShellRow } from './shell-table.js'

/** Zsh keeps words whole, and quotes what it is given. */
export function zshScript(rows: readonly ShellRow[]): string {
  return `#compdef rivvenctl
# Completion of rivvenctl for zsh, as by: source <(rivvenctl completion zsh)
_rivvenctl_at() {
  case "$1" in
${casesOf(rows)}  esac
}

_rivvenctl() {
  local commands flags values argument place= kind= word
  local -a found
  _rivvenctl_at ''
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $kind ]]; then
      kind=
    elif [[ $word == -* ]]; then
      case " $values" in
        *" $word="*) kind=" $values"; kind=\${kind#*" $word="}; kind=\${kind%% *} ;;
      esac
    elif [[ " $commands " == *" $word "* ]]; then
      place=\${place:+$place }$word
      _rivvenctl_at "$place"
    fi
  done

  if [[ -z $kind && $words[CURRENT] != -* && -z $commands ]]; then kind=$argument; fi
  case $kind in
    any) return ;;
    files) _files; return ;;
    groups | topics) found=("\${(@f)$("$words[1]" __complete $kind "$BUFFER" 2>/dev/null </dev/null)}") ;;
    =*) found=("\${(@s:|:)\${kind#=}}") ;;
    *) if [[ $words[CURRENT] == -* ]]; then found=(\${=flags}); else found=(\${=commands}); fi ;;
  esac
  compadd -- "\${(@)found:#}"
}

if [[ $funcstack[1] == _rivvenctl ]]; then _rivvenctl "$@"; else compdef _rivvenctl rivvenctl; fi
`
}
