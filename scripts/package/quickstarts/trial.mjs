// One quick start, as a newcomer follows it: in an empty folder, save what the page says to save and type what it says to type; then send a
// signed delivery with the README's sender, its copy, and one whose body was changed on the way.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../shared/servers.mjs'
import { stepsOf } from './page.mjs'

/** How long an install, a start or a delivery may take. */
const PATIENCE_MS = 240_000

/**
 * @param {import('./frameworks.mjs').QuickStart} quickStart
 * @param {{ npmrc: string, env: NodeJS.ProcessEnv }} machine
 * @returns {Promise<{ version: string, seconds: number, buildSeconds?: number }>} From the first line typed to the first delivery that the
 *   handler saw; and how long it took to build what is deployed.
 */
export async function tryQuickStart(quickStart, { npmrc, env }) {
  const folder = mkdtempSync(join(tmpdir(), 'verify-quickstart-'))
  const port = await freePort()
  writeFileSync(join(folder, '.npmrc'), npmrc)
  const shell = { folder, env: { ...env, PORT: String(port) }, said: '' }
  try {
    const { start, typed } = await follow(quickStart, shell, port)
    const seconds = quickStart.isCalled
      ? await call(start, shell, typed)
      : await serve(quickStart, start, shell, port, typed)
    const buildSeconds = quickStart.deploy && (await deploy(quickStart, start, shell, port))
    return { version: await versionOf(quickStart, shell), seconds, buildSeconds }
  } catch (error) {
    throw new Error(`${error.message}\n${shell.said.slice(-4000)}`, { cause: error })
  } finally {
    // What a server that was just stopped had open may still be written.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Does all that the sections say, but for their last line, which starts the server. */
async function follow(quickStart, shell, port) {
  const steps = quickStart.read.flatMap(([page, heading]) => stepsOf(page, heading))
  // What comes after the server was started, such as the README's own sender, is for another terminal.
  const last = quickStart.isCalled ? steps.length - 1 : startOf(steps)
  const lines = (type) => type.map((line) => adapt(line, quickStart, port))
  let typed
  for (const [i, step] of steps.slice(0, last + 1).entries()) {
    if (step.save) save(shell, step)
    else {
      typed ??= Date.now()
      await type(shell, i === last ? lines(step.type).slice(0, -1) : lines(step.type))
    }
  }
  return { start: lines(steps[last].type).at(-1), typed }
}

/** The first lines that start something with the secret. */
function startOf(steps) {
  const place = steps.findIndex((step) => step.type?.at(-1).includes('WEBHOOK_SECRET'))
  if (place < 0) throw new Error('The page does not say how to start it.')
  return place
}

/** The docs' port is taken on many machines, and some lines leave a choice. */
function adapt(line, { type }, port) {
  const chosen = type ? line.replace(new RegExp(`(?<= )${type[0]}$`), type[1]) : line
  return chosen.replaceAll('3000', String(port))
}

function save({ folder }, { save: name, code }) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), code)
}

/** Types lines into the newcomer's terminal, which stays in the folder to which they lead. */
async function type(shell, lines) {
  if (lines.length === 0) return
  const place = join(shell.folder, '.place')
  await run(shell, ['set -e', ...lines, `pwd > '${place}'`].join('\n'))
  const folder = readFileSync(place, 'utf8').trim()
  rmSync(place)
  // npm reads the settings of a project from its own folder only.
  if (folder !== shell.folder) writeFileSync(join(folder, '.npmrc'), readFileSync(join(shell.folder, '.npmrc')))
  shell.folder = folder
}

/** Starts the server, and sends it what the docs' sender sends. */
async function serve(quickStart, start, shell, port, typed) {
  const { path, sendWith = 'node' } = quickStart
  const sender = stepsOf('README.md', 'Quick start').slice(-2)
  const line = sender[1].type.at(-1).replace('node', sendWith)
  save(shell, sender[0])
  save(shell, { save: 'tamper.mjs', code: tampered(sender[0].code) })
  const send = (what) => run(shell, path ? `${what} http://localhost:${port}${path}` : what)
  const server = open(shell, start)
  try {
    await isListening(server, port)
    expectAnswer(await send(line), /^2\d\d .*"ok":true/)
    await handled(shell, 1)
    const seconds = (Date.now() - typed) / 1000
    expectAnswer(await send(line), /^2\d\d .*"duplicate":true/)
    expectAnswer(await send(line.replace('send.mjs', 'tamper.mjs')), /^401 .*"signature_mismatch"/)
    await handled(shell, 1)
    return seconds
  } finally {
    await close(server)
  }
}

/** Builds without the secret, and then sends the same to what was built. */
async function deploy(quickStart, start, shell, port) {
  const [build, from, to] = quickStart.deploy
  if ('WEBHOOK_SECRET' in shell.env) throw new Error('The secret must not be set where it is built.')
  const begun = Date.now()
  await run(shell, build)
  const seconds = (Date.now() - begun) / 1000
  shell.said = ''
  await serve(quickStart, start.replace(from, to), shell, port, begun)
  return seconds
}

/** Runs the line that calls the handler, and again with another body than the signed one. */
async function call(start, shell, typed) {
  expectAnswer((await run(shell, start)).split('\n').at(-2), /^2\d\d .*"ok":true/)
  await handled(shell, 1)
  const seconds = (Date.now() - typed) / 1000
  const [file] = /\S+\.mjs/.exec(start)
  save(shell, { save: 'tamper.mjs', code: tampered(readFileSync(join(shell.folder, file), 'utf8')) })
  expectAnswer(await run(shell, start.replace(file, 'tamper.mjs')), /^401 .*"signature_mismatch"/)
  await handled(shell, 1)
  return seconds
}

/** The docs' sender with another body than the one that was signed. */
function tampered(code) {
  const changed = code.replace(/^ {2}body,$/m, "  body: body.replace('updated', 'closed'),")
  if (changed === code) throw new Error('The sender has no line "body,".')
  return changed
}

function expectAnswer(answer, pattern) {
  if (!pattern.test(answer)) throw new Error(`Answered ${answer.trim()}, and not ${pattern}.`)
}

/** The handlers of the docs print the delivery's id and then its event, which Bun writes on lines of its own. */
async function handled(shell, times) {
  const count = () => shell.said.match(/(?:once|received)\W+evt_1\W[^}]*stream\.updated/g)?.length ?? 0
  for (let tries = 0; count() < times && tries < 50; tries++) await sleep(100)
  await sleep(100)
  if (count() !== times) throw new Error(`The handler ran ${count()} times, and not ${times}.`)
}

async function isListening(server, port) {
  const end = Date.now() + PATIENCE_MS
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}.`)
    if (Date.now() > end) throw new Error('The server does not listen.')
    await sleep(50)
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Runs lines to their end, and returns what they print. */
async function run(shell, lines) {
  const child = open(shell, lines)
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  const timer = setTimeout(() => signal(child, 'SIGKILL'), PATIENCE_MS)
  const code = await new Promise((ended) => child.once('close', ended))
  clearTimeout(timer)
  if (code !== 0) throw new Error(`"${lines}" ended with ${code}.`)
  return printed
}

/** Each command has a process group of its own, so that what it starts ends with it. */
function open(shell, lines) {
  const child = spawn('bash', ['-c', lines], {
    cwd: shell.folder,
    env: shell.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      shell.said += chunk
    })
  }
  return child
}

/** Ends a server and all that it started: `next dev` ends before its workers, which still write. */
async function close(child) {
  for (let tries = 0; signal(child, tries < 50 ? 'SIGTERM' : 'SIGKILL') && tries < 100; tries++) await sleep(100)
}

/** Sends a signal to a process group, and says whether there was anyone to get it. */
function signal({ pid }, name) {
  try {
    return process.kill(-pid, name)
  } catch {
    return false
  }
}

async function versionOf({ of, needs }, shell) {
  if (of === 'node') return process.versions.node
  if (needs) return /\d+\.\d+\.\d+/.exec(await run(shell, `${needs} --version`))[0]
  return JSON.parse(readFileSync(join(shell.folder, 'node_modules', of, 'package.json'), 'utf8')).version
}
