// The commands, in the order in which the help lists them.

import type { Command } from '../command.ts'
import { decimal } from './decimal.ts'
import { diagnose } from './diagnose.ts'
import { listen } from './listen.ts'
import { reorg } from './reorg.ts'
import { replay } from './replay.ts'
import { send } from './send.ts'
import { sign } from './sign.ts'
import { verify } from './verify.ts'

export const COMMANDS: readonly Command[] = [verify, diagnose, sign, send, listen, replay, decimal, reorg]
