#!/usr/bin/env node
// The process behind `fluxora-verify`: arguments, streams and signals. What the command does is in run.ts.

import { writeSync } from 'node:fs'
import { appendFile, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { EXIT } from './exit-codes.ts'
import type { CommandIo } from './io.ts'
import { run } from './run.ts'

void main()

async function main(): Promise<void> {
  // Whoever reads our output may leave early: `fluxora-verify … | head -1`.
  process.stdout.on('error', leaveWithoutReader)
  process.stderr.on('error', leaveWithoutReader)
  process.exitCode = await run(process.argv.slice(2), await processIo())
  // If nobody read standard input to its end, it would keep the process alive.
  process.stdin.destroy()
}

function leaveWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  // To the descriptor itself: whatever asked for this may have been the stream of standard error.
  writeSync(2, `fluxora-verify: the output cannot be written (${error.code}).\n`)
  process.exit(EXIT.noOutput)
}

async function processIo(): Promise<CommandIo> {
  return {
    env: process.env,
    version: await readVersion(),
    write: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
    warn: (text) => void process.stderr.write(text),
    readStdin,
    readFile: (path) => readFile(path),
    appendFile: (path, text) => appendFile(path, text, { mode: 0o600 }),
    stdinIsTerminal: process.stdin.isTTY === true,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    onInterrupt,
  }
}

async function readStdin(): Promise<Uint8Array | undefined> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks)
  } catch {
    return undefined // it cannot be read, for example because it is a folder
  }
}

/** The first signal asks the command to end. A second one ends the process, as it would have without us. */
function onInterrupt(end: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
}

/** The package's version. npm runs this file through a link, so its real place has to be found first. */
async function readVersion(): Promise<string> {
  try {
    const folder = dirname(await realpath(process.argv[1] ?? ''))
    const manifest: { version: string } = JSON.parse(await readFile(join(folder, '../package.json'), 'utf8'))
    return manifest.version
  } catch {
    return 'unknown'
  }
}
