// A world for a command without a process: what it writes is kept, and files are a table.

import type { CommandIo } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'

export interface World {
  readonly env?: Record<string, string>
  readonly stdin?: string | Uint8Array
  readonly files?: Record<string, string | Uint8Array>
  readonly isTerminal?: boolean
}

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const bytes = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

/** Runs the command in a made-up world. */
export async function runIn(world: World, ...words: string[]): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  const io: CommandIo = {
    env: world.env ?? {},
    version: '1.2.3',
    write: async (text) => {
      stdout += text
    },
    warn: (text) => {
      stderr += text
    },
    readStdin: async () => (world.stdin === undefined ? undefined : bytes(world.stdin)),
    readFile: async (path) => {
      const content = world.files?.[path]
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return bytes(content)
    },
    appendFile: () => Promise.reject(new Error('not here')),
    stdinIsTerminal: false,
    stdoutIsTerminal: world.isTerminal ?? false,
    stderrIsTerminal: false,
    onInterrupt: () => {},
  }
  const exitCode = await run(words, io)
  return { exitCode, stdout, stderr }
}
