// Breaks a whole room at once: its tests run in one process, on a copy of the code that holds all mutants, one switched on at a time. That
// is many times quicker than Stryker, which starts the tests anew for each mutant, but knows nothing of what happens once, while modules
// load; and what an earlier mutant left in a cache can hide a later one. So Stryker tries again what was not noticed.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { runStryker, tell } from '../break-files.mjs'
import { keysOf } from '../keys.mjs'
import { mutantsOf, placeOf } from '../mutants.mjs'
import { isExplained, readRows } from '../survivors.mjs'

/** Longer than any test: what still runs then is a loop without an end. */
const LONGEST_MS = 30_000
/** So often a process may be lost, to such a loop or to what a mutant left behind. */
const MOST_ROUNDS = 100
const silent = { isDebugEnabled: () => false, debug() {}, info() {} }

/** @param {string[]} files all sources of the room */
export async function breakTogether(room, files) {
  const folder = `.stryker-tmp/together-${room}`
  mkdirSync(folder, { recursive: true })
  const place = { room, sources: `${folder}/sources.json`, log: `${folder}/log.txt` }
  const mutants = await instrument(files, place.sources)
  writeFileSync(place.log, '')
  for (let round = 0; round < MOST_ROUNDS && !(await runTests(place)); round++);
  const results = resultsOf(mutants, place.log)
  // Eight files at a time, each of the same tests.
  for (let from = 0; from < files.length; from += 8) {
    const some = files.slice(from, from + 8)
    await tryAgain(
      room,
      results.filter(({ file }) => some.includes(file)),
    )
    for (const file of some) {
      const own = results.filter((mutant) => mutant.file === file)
      tell(file, own, false)
    }
  }
}

async function instrument(files, target) {
  const options = { plugins: null, excludedMutations: [], ignorers: [] }
  const given = files.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') }))
  const broken = await new Instrumenter(silent).instrument(given, options)
  writeFileSync(target, JSON.stringify(Object.fromEntries(broken.files.map(({ name, content }) => [name, content]))))
  return given.flatMap(({ name, content }) => {
    const own = broken.mutants.filter(({ fileName }) => fileName === name)
    const keys = keysOf(content, own)
    return own.map(({ id }, i) => ({ id, file: name, key: keys[i] }))
  })
}

/** @returns {Promise<boolean>} whether all tests were run to their end */
function runTests({ room, sources, log }) {
  const done = readLog(log, 'file').map((file) => relative(process.cwd(), file))
  const config = { MUTATE_ROOM: room, MUTATE_SOURCES: sources, MUTATE_LOG: log, MUTATE_DONE: done.join('\n') }
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutation/together/vitest.config.ts']
  const env = { ...process.env, ...config, CI: '1' }
  const child = spawn(process.execPath, [...vitest, '--root', '.'], { env, stdio: 'ignore', detached: true })
  const start = readFileSync(log, 'utf8').length
  const end = () => process.kill(-child.pid, 'SIGKILL')
  process.once('exit', end)
  let isStuck = false
  const watch = setInterval(() => {
    if (Date.now() - statSync(log).mtimeMs < LONGEST_MS) return
    const [kind, mutant] = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1).split('\t')
    if (kind !== 'try') return
    isStuck = true
    writeFileSync(log, `timeout\t${mutant}\n`, { flag: 'a' })
    end()
  }, 1000)
  return new Promise((resolve) =>
    child.on('close', () => {
      clearInterval(watch)
      process.removeListener('exit', end)
      resolve(!isStuck && !readFileSync(log, 'utf8').slice(start).includes('spoilt\t'))
    }),
  )
}

/** What the lines of one kind say first. */
function readLog(log, kind) {
  const lines = readFileSync(log, 'utf8').split('\n')
  return lines.flatMap((line) => (line.startsWith(`${kind}\t`) ? [line.split('\t')[1]] : []))
}

function resultsOf(mutants, log) {
  const idsOf = (kind) => new Set(readLog(log, kind).flatMap((list) => list.split(',')))
  const found = [
    ['Killed', idsOf('killed')],
    ['Timeout', idsOf('timeout')],
    ['Survived', idsOf('met')],
  ]
  return mutants.map(({ id, ...mutant }) => {
    const [status = 'NoCoverage'] = found.find(([, ids]) => ids.has(id)) ?? []
    return { ...mutant, status }
  })
}

/** Lets Stryker try what nothing noticed and no row explains, and notes what it says. */
async function tryAgain(room, results) {
  const rows = readRows()
  const left = results.filter(({ file, key, status }) => isUnnoticed(status) && !isExplained(rows, file, key))
  if (left.length === 0) return
  const places = new Map()
  for (const file of new Set(left.map((mutant) => mutant.file)))
    for (const { key, ...mutant } of await mutantsOf(file)) places.set(`${file} ${key}`, mutant)
  const placed = left.map((mutant) => ({ mutant, ...places.get(`${mutant.file} ${mutant.key}`) }))
  const ranges = [...new Set(placed.map(({ range }) => range))]
  const found = await runStryker(room, left[0].file, ranges, '.again')
  for (const { mutant, place } of placed) {
    const again = found.find((other) => other.fileName.endsWith(mutant.file) && placeOf(other) === place)
    if (again) mutant.status = again.status
  }
}

function isUnnoticed(status) {
  return status === 'Survived' || status === 'NoCoverage'
}
