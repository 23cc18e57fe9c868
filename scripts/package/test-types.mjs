// Type-checks programs that use the packed library, as a user's project would: with each supported version of TypeScript, each way to resolve
// modules, with and without the types of the DOM and of Node, and with every declaration read (skipLibCheck off). Needs a build, and the
// versions: npm install --prefix test/types.
//
//   node scripts/package/test-types.mjs             all versions
//   node scripts/package/test-types.mjs --only 5.4  some

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeConsumer, pack } from '../shared/consumer.mjs'
import { root } from '../shared/repository.mjs'

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const home = join(root, 'test/types')
const all = Object.keys(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).dependencies)
const versions = all.map((name) => name.replace('typescript', ''))
const chosen = values.only?.split(',') ?? versions
for (const version of chosen)
  if (!versions.includes(version))
    throw new Error(`Unknown version ${version}. The versions are ${versions.join(', ')}.`)

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json')
/** Entries whose types name something of Node. */
const ofNode = ['./http', './express']
/** Entries whose types name nothing but the language. The others name AbortSignal or URL, which the DOM and Node both describe. */
const ofLanguage = ['./decimal', './reorg', './stellar', './schemes']

const resolutions = [
  { moduleResolution: 'node16', module: 'node16', files: ['esm.mts', 'cjs.cts'] },
  { moduleResolution: 'nodenext', module: 'nodenext', files: ['esm.mts', 'cjs.cts'] },
  { moduleResolution: 'bundler', module: 'esnext', files: ['esm.mts'] },
]
const surroundings = [
  { name: 'DOM and Node', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: ['node'], has: () => true },
  { name: 'Node', lib: ['ES2022'], types: ['node'], has: () => true },
  { name: 'DOM', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], has: (entry) => !ofNode.includes(entry) },
  { name: 'neither', lib: ['ES2022'], types: [], has: (entry) => ofLanguage.includes(entry) },
]

/** What the programs do, and what must not compile. */
const AMOUNTS = `
import { parseDecimal } from '${manifest.name}/decimal'
const amount = parseDecimal('1.50')
export const units: bigint = amount.ok ? amount.units : 0n
// @ts-expect-error an amount may be refused, so it has no units yet
amount.units
// @ts-expect-error nothing is any
export const wrong: { nonsense: true } = amount
`
const DELIVERIES = `
import { createWebhookVerifier, previousSecret } from '${manifest.name}'
import { createWebhookRoute } from '${manifest.name}/fetch'
const verifier = createWebhookVerifier({ secrets: ['current', previousSecret('former', 1_710_000_000)] })
const verdict = verifier.verify({ headers: { 'x-fluxora-signature': ['a'] }, body: new Uint8Array() })
export const text: string = verdict.ok ? verdict.delivery.text() : verdict.code
export const route: (request: Request) => Promise<Response> = createWebhookRoute({ secrets: 'a' }, () => {})
// @ts-expect-error a verifier without secrets does not compile
createWebhookVerifier({})
// @ts-expect-error nor does a misspelt option
createWebhookVerifier({ secrets: 'a', tolerance: 300 })
// @ts-expect-error the delivery exists only after the verdict was checked
verdict.delivery
`

const folder = mkdtempSync(join(tmpdir(), 'verify-types-'))
try {
  makeConsumer(folder, pack(folder).tarball)
  // Node's types need undici-types, and ./testing is used with fast-check; a real project has them installed.
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  for (const name of ['@types/node', 'undici-types', 'fast-check', 'pure-rand'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))

  for (const version of chosen) {
    let programs = 0
    for (const around of surroundings)
      for (const resolution of resolutions) {
        check(version, around, resolution)
        programs += resolution.files.length
      }
    console.log(`types: TypeScript ${version} accepts ${programs} programs`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function check(version, { name, lib, types, has }, { files, ...modules }) {
  const specifiers = entries.filter(has).map((entry) => manifest.name + entry.slice(1))
  const text = (read) => [...specifiers.map(read), AMOUNTS, has('.') ? DELIVERIES : ''].join('\n')
  writeFileSync(
    join(folder, 'esm.mts'),
    text((specifier, i) => `import * as m${i} from '${specifier}'\nvoid m${i}`),
  )
  writeFileSync(
    join(folder, 'cjs.cts'),
    text((specifier, i) => `import m${i} = require('${specifier}')\nvoid m${i}`),
  )
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
  const compilerOptions = { ...modules, ...strict, target: 'es2022', lib, types, noEmit: true, skipLibCheck: false }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = join(home, 'node_modules', `typescript${version}`, 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`TypeScript ${version}, ${modules.moduleResolution}, types of ${name}:\n${stdout}${stderr}`)
}
