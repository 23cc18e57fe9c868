// Rehearses a release without publishing anything: the version step in a scratch copy, `npm publish --dry-run`, and what JSR would refuse. Needs
// a build, and Deno for the last: npm install --prefix test/runtimes.

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../shared/consumer.mjs'
import { root } from '../shared/repository.mjs'
import { measureChangelog } from './changelog.mjs'

/** JSR takes no global types, which Express and Fastify need, and no optional peer, which ./testing has. */
const NOT_ON_JSR = ['./package.json', './express', './fastify', './testing', './testing/plain']

const folder = mkdtempSync(join(tmpdir(), 'verify-release-'))
const step = (message) => console.log(`release: ${message}`)
try {
  const files = run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], root).split('\n').filter(Boolean)
  for (const file of files) if (existsSync(join(root, file))) cpSync(join(root, file), join(folder, file))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  const version = nextVersion()
  checkNpm(version)
  checkJsr(version)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Runs the version step, which turns the changesets into a version and its part of the changelog. */
function nextVersion() {
  const had = read('package.json').version
  const changesets = run('ls', ['.changeset'], folder)
    .split('\n')
    .filter((file) => file.endsWith('.md'))
  if (changesets.length > 0) run('npm', ['run', '--silent', 'version:next'], folder)
  const { version } = read('package.json')
  if (changesets.length > 0 && version === had)
    throw new Error(`${changesets.length} changesets left the version at ${had}.`)
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')
  if (version !== '0.0.0') checkChangelog(changelog, version)
  step(`${had} becomes ${version}, from ${changesets.length} changesets`)
  return version
}

/** What is new must be there, and short enough to be read. See "Releases" in CONTRIBUTING.md. */
function checkChangelog(changelog, version) {
  const { notes, lines } = measureChangelog(changelog, version)
  if (lines === 0) throw new Error(`The changelog has no ${version}.`)
  if (notes > 30 || lines > 250)
    throw new Error(`Nobody reads ${notes} notes in ${lines} lines: merge the changesets that speak of one part.`)
  step(`the changelog of ${version} has ${notes} notes in ${lines} lines`)
}

function checkNpm(version) {
  const said = run('npm', ['publish', '--dry-run', '--ignore-scripts', '--json', '--access', 'public'], folder)
  const answer = JSON.parse(said)
  const { name, version: packed, files } = answer.files ? answer : Object.values(answer)[0] // npm 11 answers by name
  if (packed !== version) throw new Error(`npm would publish ${name}@${packed}.`)
  step(`npm would publish ${name}@${packed}, ${files.length} files`)
}

/** Deno checks what JSR checks: the entries, their types, and that nothing is imported that a reader could not load. */
function checkJsr(version) {
  const config = read('jsr.json')
  const { exports } = read('package.json')
  const absent = Object.keys(exports).filter((entry) => !(entry in config.exports) && !NOT_ON_JSR.includes(entry))
  if (absent.length > 0) throw new Error(`jsr.json lacks ${absent.join(', ')}.`)
  // Alone in a folder, without Node's package.json, as on JSR.
  const alone = join(folder, 'jsr')
  for (const file of ['src', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    cpSync(join(folder, file), join(alone, file), { recursive: true })
  writeFileSync(join(alone, 'jsr.json'), JSON.stringify({ ...config, version }))
  const deno = join(root, 'test/runtimes/node_modules/.bin/deno')
  run(deno, ['publish', '--dry-run', '--allow-dirty', '--config', 'jsr.json'], alone)
  step(`JSR would take ${config.name}@${version}, ${Object.keys(config.exports).length} entries`)
}

function read(file) {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'))
}
