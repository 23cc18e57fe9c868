// The scripts as functions of a client.

import { type Evaluate, listRunner, scriptRunner } from './client.ts'
import { BIND, CLAIM, CLAIM_SET, COMMIT, EXTEND, PEEK, PIN, PROBE, RELEASE } from './scripts.ts'

type Script = (keys: string[], args: string[]) => Promise<number>

/** Each takes its keys and its arguments, as `scripts.ts` says of it. */
export interface Scripts {
  readonly claim: Script
  readonly claimSet: Script
  readonly commit: (keys: string[], args: string[]) => Promise<number[]>
  readonly release: Script
  readonly extend: Script
  readonly pin: Script
  readonly peek: Script
  readonly bind: Script
  readonly probe: Script
}

export function scriptsOver(evaluate: Evaluate): Scripts {
  return {
    claim: scriptRunner(evaluate, CLAIM),
    claimSet: scriptRunner(evaluate, CLAIM_SET),
    commit: listRunner(evaluate, COMMIT),
    release: scriptRunner(evaluate, RELEASE),
    extend: scriptRunner(evaluate, EXTEND),
    pin: scriptRunner(evaluate, PIN),
    peek: scriptRunner(evaluate, PEEK),
    bind: scriptRunner(evaluate, BIND),
    probe: scriptRunner(evaluate, PROBE),
  }
}
