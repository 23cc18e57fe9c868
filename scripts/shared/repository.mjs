// Where the repository is, and how its tests are started from a script.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs some of the repository's tests, as they are printed by vitest.
 *
 * @param {readonly string[]} args for `vitest run`
 * @param {Record<string, string>} env what the tests are told beside the environment
 * @returns {boolean} whether they passed; the process exits with 1 if not
 */
export function runTests(args, env) {
  const options = { stdio: 'inherit', env: { ...process.env, ...env }, cwd: root }
  const hasPassed = spawnSync('npx', ['vitest', 'run', ...args], options).status === 0
  if (!hasPassed) process.exitCode = 1
  return hasPassed
}
