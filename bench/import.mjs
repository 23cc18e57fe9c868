// What it costs to import each subpath in a new process, and which files that loads. Each round starts every program once, `node -e 0`
// among them, so that other load on the machine affects all of them alike.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync } from 'node:zlib'
import { inTurn, quick, spreadOf } from './harness.mjs'
import { bench } from './results.mjs'

const ROUNDS = quick ? 2 : 21
const { table, done } = bench('import', {
  title: 'Importing',
  about:
    'Milliseconds that one import takes in a new process, measured inside that process: the median over the rounds, with quartiles. Also our files that it loads, as published (not minified) and after brotli. ./testing also loads its peer fast-check, which is included in the time but not in the bytes.',
})

const require = createRequire(import.meta.url)
const NAME = '@fluxora/verify'
const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const subpaths = Object.keys(exports).filter((path) => !path.endsWith('.json'))

const EMPTY = 'node -e 0'
const programs = { [EMPTY]: ['-e', '0'] }
for (const path of subpaths) {
  const specifier = path.replace('.', NAME)
  const timed = (load) => `const start = performance.now(); ${load}; console.log(performance.now() - start)`
  programs[`require ${path}`] = ['-e', timed(`require('${specifier}')`)]
  programs[`import ${path}`] = ['--input-type=module', '-e', timed(`await import('${specifier}')`)]
}

const names = Object.keys(programs)
const times = Object.fromEntries(names.map((name) => [name, []]))
for (let round = -1; round < ROUNDS; round++) {
  for (const name of inTurn(names, round)) {
    const start = performance.now()
    const { status, stdout, stderr } = spawnSync(process.execPath, programs[name], { cwd: import.meta.dirname })
    const whole = performance.now() - start
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
    if (round >= 0) times[name].push(name === EMPTY ? whole : Number(stdout)) // the first round fills the disk cache
  }
}

const empty = spread('empty', times[EMPTY])
table(
  'in a new process',
  subpaths.map((path) => ({
    name: path,
    ...spread('require', times[`require ${path}`]),
    ...spread('import', times[`import ${path}`]),
    ...loadedBy(path),
  })),
  {
    columns: [
      { key: 'name', title: 'subpath' },
      { key: 'require', title: 'require, ms', digits: 1 },
      { key: 'requireQuartiles', title: 'quartiles' },
      { key: 'import', title: 'import, ms', digits: 1 },
      { key: 'importQuartiles', title: 'quartiles' },
      { key: 'files', title: 'files' },
      { key: 'bytes', title: 'bytes' },
      { key: 'brotli', title: 'brotli' },
    ],
    note: `For comparison, \`node -e 0\` from start to end: ${empty.empty.toFixed(1)} ms (${empty.emptyQuartiles}).`,
  },
)
done()

function spread(key, own) {
  const { low, high, ...middle } = spreadOf(own, key)
  return { ...middle, [`${key}Quartiles`]: `${low.toFixed(1)} … ${high.toFixed(1)}` }
}

/** All files that an ESM entry loads: how many, their bytes, and their bytes after brotli, file by file. */
function loadedBy(path) {
  const { pathname } = new URL(exports[path].import.default, new URL('../', import.meta.url))
  const files = new Set([require.resolve(pathname)])
  let bytes = 0
  let brotli = 0
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    bytes += Buffer.byteLength(text)
    brotli += brotliCompressSync(text).length
    for (const [, to] of text.matchAll(/^(?:import|export)\b[^'"]*['"](\.[^'"]+)['"]/gm)) {
      files.add(new URL(to, `file://${file}`).pathname)
    }
  }
  return { files: files.size, bytes, brotli }
}
