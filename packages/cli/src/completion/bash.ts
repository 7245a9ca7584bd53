import { casesOf, type ShellRow } from './shell-table.js'

/**
 * Names of a cluster are anybody's words: they are compared and quoted, and never handed to `compgen -W`, which would run what stands in
 * them. Bash cuts words at `:` and `=`, so what is completed is looked up in the line itself.
 */
export function bashScript(rows: readonly ShellRow[]): string {
  return `# Completion of rivvenctl for bash, as by: source <(rivvenctl completion bash)
_rivvenctl_at() {
  case "$1" in
${casesOf(rows)}  esac
}

_rivvenctl_kind_of_value() {
  kind=
  case " $values" in
    *" $1="*) kind=" $values"; kind=\${kind#*" $1="}; kind=\${kind%% *} ;;
  esac
}

_rivvenctl_candidates() {
  case "$1" in
    groups | topics) "\${COMP_WORDS[0]}" __complete "$1" "$COMP_LINE" 2>/dev/null </dev/null ;;
    =*) printf '%s\\n' "\${1#=}" | tr '|' '\\n' ;;
  esac
}

_rivvenctl() {
  local commands flags values argument path= kind= word at
  _rivvenctl_at ''
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    [[ $word == = ]] && continue
    if [[ -n $kind ]]; then
      kind=
    elif [[ $word == -* ]]; then
      _rivvenctl_kind_of_value "$word"
    elif [[ " $commands " == *" $word "* ]]; then
      path=\${path:+$path }$word
      _rivvenctl_at "$path"
    fi
  done

  local current=\${COMP_WORDS[COMP_CWORD]} whole=\${COMP_LINE:0:COMP_POINT} before
  whole=\${whole##*[[:space:]]}
  case $current in [:=]) current= ;; esac
  before=\${whole%"$current"}
  case $before in *=) whole=$current before= ;; esac
  COMPREPLY=()
  if [[ -z $kind && $whole != -* && -z $commands ]]; then kind=$argument; fi
  case $kind in
    files) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
    '' | groups | topics | =*)
      while IFS= read -r word; do
        [[ $word == "$whole"* ]] && COMPREPLY+=("$(printf '%q' "\${word#"$before"}")")
      done < <(
        if [[ -n $kind ]]; then _rivvenctl_candidates "$kind"
        elif [[ $whole == -* ]]; then printf '%s\\n' $flags
        else printf '%s\\n' $commands
        fi
      )
      ;;
  esac
}

complete -F _rivvenctl rivvenctl
`
}
