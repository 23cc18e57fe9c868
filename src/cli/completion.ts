// Completion scripts, made from the commands' own data.

import type { Command } from './command.ts'
import { SCHEMES } from './options.ts'

/** A script for bash: `eval "$(fluxora-verify completion bash)"`. */
export function bashCompletion(commands: readonly Command[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words='${optionWords(options)}' ;;`)
  return `_fluxora_verify() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commandWords(commands)}' -- "$current"))
    return
  fi
  case "$previous" in
    --scheme) COMPREPLY=($(compgen -W '${[...SCHEMES.keys()].join(' ')}' -- "$current")); return ;;
    --secret-env|--other-secret-env) COMPREPLY=($(compgen -v -- "$current")); return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words='${commandWords(commands)} schemes' ;;
    completion) words='bash zsh' ;;
  esac
  if [[ "$current" == -* ]] || [[ "\${COMP_WORDS[1]}" == help || "\${COMP_WORDS[1]}" == completion ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _fluxora_verify fluxora-verify
`
}

/** A script for zsh: a file named _fluxora-verify in a folder of fpath, or `source <(fluxora-verify completion zsh)`. */
export function zshCompletion(commands: readonly Command[]): string {
  return `#compdef fluxora-verify
autoload -U +X bashcompinit && bashcompinit
${bashCompletion(commands)}`
}

function optionWords(options: Command['options']): string {
  return [...Object.keys(options), 'help'].map((name) => `--${name}`).join(' ')
}

function commandWords(commands: readonly Command[]): string {
  return [...commands.map(({ name }) => name), 'help', 'completion'].join(' ')
}
