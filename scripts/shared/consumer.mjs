// A consumer of the packed library: an empty folder outside of the repository, into which the tarball is installed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './repository.mjs'

/** Runs a command, and returns what it prints. */
export function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/**
 * Packs the library as it would be published. Needs a build.
 *
 * @param {string} folder where the tarball is put
 * @returns {{ tarball: string, files: { path: string }[], size: number, unpackedSize: number }} its path, and what npm says of it
 */
export function pack(folder) {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], root))
  return { ...packed, tarball: join(folder, packed.filename) }
}

/** Makes a package with nothing but the tarball in it; `flags` are for `npm install`. */
export function makeConsumer(folder, tarball, ...flags) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  install(folder, ...flags, tarball)
}

/** `npm install` without anything that asks, reports or runs scripts. */
export function install(folder, ...args) {
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...args], folder)
}
