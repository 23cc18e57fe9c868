// Runs the core tests in every runtime, and the adapter tests in those that have sockets, each in its own process, and prints what ran
// where. Tests the built package by its public names. The runtimes come from test/runtimes/package.json (npm install --prefix
// test/runtimes); Chromium comes from the system.
//
//   node scripts/package/test-runtimes.mjs                              all of them
//   node scripts/package/test-runtimes.mjs --only node,bun,workerd      some; `node` is the Node that runs this script

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { build } from 'esbuild'
import { root } from '../shared/repository.mjs'

const home = join(root, 'test/runtimes')
const { values } = parseArgs({ options: { only: { type: 'string' } } })
const scratch = mkdtempSync(join(tmpdir(), 'fluxora-runtimes-'))

/** A namespace of Durable Objects, each with a database of its own on the disk, and a binding to it. */
const DURABLE_OBJECT = `
  durableObjectNamespaces = [(className = "Deliveries", uniqueKey = "deliveries", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "DELIVERIES", durableObjectNamespace = "Deliveries")],`

const runtimes = {
  node: async () => [await core(process.execPath, [], `node ${process.versions.node}`)], // `npm test` runs its adapter tests
  ...Object.fromEntries(['20', '22', '24', '26'].map((major) => [`node${major}`, () => node(major)])),
  bun: () => serverHost(join(home, 'node_modules/bun/bin/bun.exe'), ['run'], 'bun '),
  deno: () => serverHost(join(home, 'node_modules/.bin/deno'), ['run', '-A', '--node-modules-dir=manual'], 'deno '),
  workerd,
  chromium,
}
// By default, skip the Node that runs this script: the four pinned versions cover it.
const names = values.only?.split(',') ?? Object.keys(runtimes).filter((name) => name !== 'node')

linkPackage()
let failed = 0
let total = 0
try {
  for (const name of names) {
    if (!(name in runtimes))
      throw new Error(`Unknown runtime ${name}. The runtimes are ${Object.keys(runtimes).join(', ')}.`)
    for (const { host, passed, failures } of await runtimes[name]().catch(broken(name))) {
      console.log(
        `${failures.length > 0 ? 'FAILED' : 'ok    '} ${name.padEnd(9)} ${String(passed).padStart(3)} passed  ${host}`,
      )
      for (const failure of failures) console.error(`       ${failure}`)
      failed += failures.length
      total += passed
      if (passed === 0) failed++ // if nothing ran, that is a failure
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
console.log(`\n${total} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function node(major) {
  return serverHost(join(home, `node_modules/node${major}/bin/node`), [], `node ${major}.`)
}

async function serverHost(command, args, host) {
  const first = await core(command, args, host)
  return [first, { ...(await battery(command, args, host)), host: `${first.host}, adapter tests over sockets` }]
}

function core(command, args, host) {
  return run(command, [...args, join(home, 'hosts/server.mjs'), host])
}

/** The adapter tests over sockets, run with vitest inside the runtime. */
async function battery(command, args, host) {
  const report = join(scratch, `${host.trim()}.json`)
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/adapters/battery.test.ts']
  const options = { cwd: root, timeout: 180_000, env: { ...process.env, EXPECTED_HOST: host } }
  const flags = ['--reporter=json', `--outputFile=${report}`]
  const { stderr } = await promisify(execFile)(command, [...inside(args), ...vitest, ...flags], options).catch(
    (error) => error,
  )
  if (!existsSync(report)) throw new Error(`vitest did not run in ${host}: ${stderr}`)
  const { numPassedTests: passed, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
  const failures = failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`)
  return { passed, failures }
}

/** Without --bun, vitest's own processes would run in Node. */
function inside(args) {
  return args[0] === 'run' && args.length === 1 ? ['--bun', ...args] : args
}

async function workerd() {
  const command = join(home, 'node_modules/.bin/workerd')
  const results = []
  for (const [name, flags, more] of [
    ['worker', [], ''],
    ['worker-compat', ['nodejs_compat'], ''],
    ['worker-durable', [], DURABLE_OBJECT],
  ]) {
    await bundle(name, { external: ['node:*', 'cloudflare:*'], conditions: ['workerd', 'worker', 'import'] })
    const config = join(scratch, `${name}.capnp`)
    writeFileSync(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "main", worker = .worker),
  (name = "disk", disk = (path = ${JSON.stringify(scratch)}, writable = true)),
]);
const worker :Workerd.Worker = (
  modules = [(name = "${name}.mjs", esModule = embed "${name}.mjs")],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ${JSON.stringify(flags)},${more}
);
`,
    )
    results.push(await run(command, ['test', config]))
  }
  return results
}

async function chromium() {
  const { chromium: browserType } = createRequire(join(home, 'package.json'))('playwright-core')
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
  if (!executablePath) throw new Error('Chromium is not installed: apt-get install chromium')
  const bundled = await bundle('browser', { platform: 'browser' })
  // WebCrypto needs a secure context, which a page on localhost is.
  const server = createServer((request, response) => {
    const isScript = request.url === '/suite.mjs'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? bundled : '<!doctype html><script type="module" src="/suite.mjs"></script>')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await browserType.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${server.address().port}/`)
    const result = await (
      await page.waitForFunction(() => globalThis.result, undefined, { timeout: 60_000 })
    ).jsonValue()
    return [{ ...result, host: `Chromium ${browser.version()}, headless` }]
  } finally {
    await browser.close()
    server.close()
  }
}

/** Tests and package in one file, for hosts that cannot resolve packages. */
async function bundle(name, options) {
  const { outputFiles } = await build({
    entryPoints: [join(home, `hosts/${name}.mjs`)],
    outfile: join(scratch, `${name}.mjs`),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'silent', // a failure throws, and is printed with the rest
    ...options,
  })
  writeFileSync(join(scratch, `${name}.mjs`), outputFiles[0].contents)
  return outputFiles[0].text
}

/** Runs a host. Its result is the last line of JSON that it prints. */
async function run(command, args) {
  if (!existsSync(command)) throw new Error(`${command} is not installed: npm install --prefix test/runtimes`)
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: home, timeout: 120_000 }).catch(
    (error) => error,
  )
  const line = `${stdout}\n${stderr}`.split('\n').findLast((each) => each.includes('{"host":'))
  if (line === undefined) throw new Error(`${command} printed no result: ${stdout}${stderr}`)
  const result = JSON.parse(line.slice(line.indexOf('{"host":')))
  const version = command.endsWith('workerd')
    ? ` (${(await promisify(execFile)(command, ['--version'])).stdout.trim()})`
    : ''
  return { ...result, host: result.host + version }
}

function broken(name) {
  return (error) => [{ host: name, passed: 0, failures: [error.message] }]
}

/** Links the package under its own name, so that it can be imported as in an application. */
function linkPackage() {
  const link = join(home, 'node_modules/@fluxora/verify')
  if (existsSync(link)) return
  mkdirSync(join(home, 'node_modules/@fluxora'), { recursive: true })
  symlinkSync(root, link, 'dir')
}
