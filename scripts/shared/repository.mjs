// Where the repository is, and how a script runs its tests.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's folder, with a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs some of the repository's tests with vitest, and shows its output.
 *
 * @param {readonly string[]} args Arguments for `vitest run`.
 * @param {Record<string, string>} env Variables to add to the environment.
 * @returns {boolean} Whether they passed. If not, the process will exit with 1.
 */
export function runTests(args, env) {
  const options = { stdio: 'inherit', env: { ...process.env, ...env }, cwd: root }
  const hasPassed = spawnSync('npx', ['vitest', 'run', ...args], options).status === 0
  if (!hasPassed) process.exitCode = 1
  return hasPassed
}
