// The command as a process: built once for each test file that asks for it, then run like any other program.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ProcessOptions {
  readonly env?: Record<string, string>
  /** Text for standard input; `closed` gives none at all. By default it is empty. */
  readonly stdin?: string | Uint8Array | 'closed'
}

export interface EndedProcess {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Builds the command before the tests of a file. */
export function builtCommand() {
  let folder = ''
  beforeAll(async () => {
    // Below the root, so that package.json is where the command looks for it.
    folder = await mkdtemp(join(root, 'node_modules/.cli-'))
    await build({
      entry: { cli: join(root, 'src/cli/main.ts') },
      outDir: folder,
      format: ['esm'],
      outExtension: () => ({ js: '.mjs' }),
      config: false,
      silent: true,
      clean: false,
      dts: false,
      platform: 'node',
      target: 'es2022',
      removeNodeProtocol: false,
    })
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (words: readonly string[], { env = {}, stdin = '' }: ProcessOptions = {}): ChildProcess => {
    const child = spawn(process.execPath, [join(folder, 'cli.mjs'), ...words], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: [stdin === 'closed' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    child.stdin?.on('error', () => {}) // it may end before it has read everything
    child.stdin?.end(stdin)
    return child
  }
  const run = async (words: readonly string[], options: ProcessOptions = {}): Promise<EndedProcess> =>
    ended(start(words, options))
  return { start, run, file: () => join(folder, 'cli.mjs') }
}

/** Waits for the end of a process. */
export function ended(child: ChildProcess): Promise<EndedProcess> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk)
  })
  return new Promise((resolve) => {
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }))
  })
}
