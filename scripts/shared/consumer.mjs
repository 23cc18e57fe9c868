// A consumer of the packed library: an empty folder outside the repository, into which the tarball is installed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './repository.mjs'

/** Runs a command and returns its output. */
export function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/**
 * Packs the library as it is published. Needs a build.
 *
 * @param {string} folder Where to put the tarball.
 * @returns {{ tarball: string, files: { path: string }[], size: number, unpackedSize: number }} Its path, and what npm reports about it.
 */
export function pack(folder) {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], root))
  return { ...packed, tarball: join(folder, packed.filename) }
}

/** Creates a package that has only the tarball installed; `flags` are for `npm install`. */
export function makeConsumer(folder, tarball, ...flags) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  install(folder, ...flags, tarball)
}

/** `npm install` without audits, funding messages or install scripts. */
export function install(folder, ...args) {
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...args], folder)
}
