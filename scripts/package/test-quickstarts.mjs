// Follows the quick start of each framework, word by word as the docs have it, from the packed library in an empty folder, and prints how long
// it takes from the first line typed to the first delivery that the handler saw. What is built before it is deployed is also built, without the
// secret, and tried again. Needs a build, and a network for the frameworks.
//
//   node scripts/package/test-quickstarts.mjs                         all of them
//   node scripts/package/test-quickstarts.mjs --only http,express5    some
//
// Two things are not as a newcomer has them. The library comes from a registry on this machine, because the docs' `npm install` must run before
// there is anything to install; and the docs' port 3000 is exchanged for a free one.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../shared/repository.mjs'
import { frameworks } from './quickstarts/frameworks.mjs'
import { startRegistry } from './quickstarts/registry.mjs'
import { tryQuickStart } from './quickstarts/trial.mjs'

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const names = values.only?.split(',') ?? frameworks.map(({ name }) => name)
const unknown = names.filter((name) => !frameworks.some((framework) => framework.name === name))
if (unknown.length > 0) throw new Error(`Unknown: ${unknown}. There are ${frameworks.map(({ name }) => name)}.`)
if (!existsSync(join(root, 'dist'))) throw new Error('Run npm run build first.')

/** What `npm run` and a test runner set for this project. The settings that make the network work stay. */
const OF_THIS_RUN = /^(npm_|INIT_CWD$|NODE_(OPTIONS|PATH|ENV)$|VITEST|WEBHOOK_SECRET$|CI$)/i
const KEPT_OF_NPM = /^npm_config_(registry|cache|proxy|https_proxy|noproxy|cafile)$/i

/** Bun and Deno come from test/runtimes, if they are not installed. */
const runtimes = join(root, 'test/runtimes/node_modules/.bin')
const scratch = mkdtempSync(join(tmpdir(), 'verify-quickstarts-'))
const registry = await startRegistry(scratch)
try {
  const machine = machineOf(registry)
  for (const quickStart of frameworks.filter(({ name }) => names.includes(name))) await report(quickStart, machine)
} finally {
  registry.close()
  rmSync(scratch, { recursive: true, force: true })
}

async function report(quickStart, machine) {
  const name = quickStart.name.padEnd(13)
  if (quickStart.needs && !hasProgram(quickStart.needs, machine.env.PATH)) {
    console.log(`skipped ${name} there is no ${quickStart.needs}: npm install --prefix test/runtimes`)
    if (values.only) process.exitCode = 1 // who asks for it by name wants it run
    return
  }
  try {
    const { version, seconds, buildSeconds } = await tryQuickStart(quickStart, machine)
    const built = buildSeconds === undefined ? '' : `, built without the secret in ${buildSeconds.toFixed(1)} s`
    console.log(
      `ok      ${name} ${`${quickStart.of} ${version}`.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s${built}`,
    )
  } catch (error) {
    process.exitCode = 1
    console.log(`FAILED  ${name} ${error.message}`)
  }
}

/** The newcomer's machine: nothing of this project in its environment. */
function machineOf({ npmrc }) {
  const own = join(homedir(), '.npmrc')
  const userconfig = join(scratch, 'npmrc')
  writeFileSync(userconfig, `${existsSync(own) ? readFileSync(own, 'utf8') : ''}\n${npmrc}yes=true\n`)
  const kept = Object.entries(process.env).filter(([name]) => KEPT_OF_NPM.test(name) || !OF_THIS_RUN.test(name))
  const PATH = [process.env.PATH, runtimes].join(delimiter)
  const silent = { NEXT_TELEMETRY_DISABLED: '1', WRANGLER_SEND_METRICS: 'false' }
  return { npmrc, env: { ...Object.fromEntries(kept), ...silent, npm_config_userconfig: userconfig, PATH } }
}

function hasProgram(program, path) {
  return path.split(delimiter).some((folder) => existsSync(join(folder, program)))
}
