// Tests the published package: packs the tarball, checks its files, installs it into an empty folder, imports and requires every subpath,
// type-checks a consumer in both module systems, and runs publint and attw. Needs a build.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeConsumer, pack, run as runIn } from '../shared/consumer.mjs'
import { root } from '../shared/repository.mjs'
import { freePort } from '../shared/servers.mjs'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json')
const specifiers = subpaths.map((subpath) => manifest.name + subpath.slice(1))
const folder = mkdtempSync(join(tmpdir(), 'verify-package-'))
const run = (command, args) => runIn(command, args, folder)
const tool = (name) => join(root, 'node_modules', '.bin', name)
const step = (message) => console.log(`packed tarball: ${message}`)

try {
  const packed = pack(folder)
  const files = packed.files.map(({ path }) => path)
  checkFiles(files)
  step(`${files.length} files, ${packed.size} bytes packed, ${packed.unpackedSize} unpacked`)
  for (const file of files) if (process.argv.includes('--list')) console.log(`  ${file}`)

  makeConsumer(folder, packed.tarball)
  const installed = readdirNames(join(folder, 'node_modules'))
  if (installed.join() !== '@fluxora') throw new Error(`The install added more than the package: ${installed}.`)
  step('installs into an empty folder and brings nothing else')

  // Only ./testing needs fast-check, its optional peer; all other subpaths must work without it.
  const needsPeer = (specifier) => specifier.endsWith('/testing')
  const plainFirst = [...specifiers].sort((one, other) => Number(needsPeer(one)) - Number(needsPeer(other)))
  for (const [index, specifier] of plainFirst.entries()) {
    if (needsPeer(specifier))
      symlinkSync(join(root, 'node_modules', 'fast-check'), join(folder, 'node_modules', 'fast-check'))
    const count = Number(
      run(process.execPath, [
        '--input-type=module',
        '-e',
        `console.log(Object.keys(await import('${specifier}')).length)`,
      ]),
    )
    const required = Number(
      run(process.execPath, [
        '--input-type=commonjs',
        '-e',
        `console.log(Object.keys(require('${specifier}')).length)`,
      ]),
    )
    if (!(count > 0) || count !== required)
      throw new Error(`${specifier} has ${count} names when imported, and ${required} when required.`)
    step(`${specifier} imports and requires (${count} names) ${index + 1}/${specifiers.length}`)
  }

  await runQuickStart()
  step("the README's quick start runs as printed: it handles a delivery, not its copy, and refuses a forgery")

  typeCheck()
  step('type-checks in ESM and CommonJS')

  run(tool('publint'), ['--strict', packed.tarball])
  step('publint --strict finds no problems')
  checkTypesByAttw(packed.tarball)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Saves the README's first program in the empty folder, starts it, and sends it what a sender and a forger would send. */
async function runQuickStart() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const program = /<!-- quick start -->\n```js\n([\s\S]*?)```/.exec(readme)?.[1]
  if (!program) throw new Error('The README has no quick start.')
  writeFileSync(join(folder, 'server.mjs'), program)
  const refused = spawnSync(process.execPath, ['server.mjs'], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  if (refused.status === 0 || !refused.stderr.includes('invalid_secret'))
    throw new Error('The quick start must not start without a secret.')

  const port = await freePort()
  const env = { PATH: process.env.PATH, PORT: String(port), WEBHOOK_SECRET: 'topsecret' }
  const server = spawn(process.execPath, ['server.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let printed = ''
    server.stdout.on('data', (chunk) => {
      printed += chunk
    })
    const { createWebhookSigner } = await import(join(folder, 'node_modules', manifest.name, 'dist', 'index.js'))
    const body = '{"event":"stream.created"}'
    const headers = createWebhookSigner({ secrets: 'topsecret' }).sign({ body, deliveryId: 'd-1' })
    const send = async (sent) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: sent })
      return `${response.status} ${await response.text()}`
    }
    for (let tries = 0; tries < 100 && !(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)); tries++)
      await sleep(50)
    const answers = [await send(body), await send(body), await send(body.replace('created', 'deleted'))]
    const expected = [
      '200 {"ok":true,"deliveryId":"d-1"}',
      '200 {"ok":true,"deliveryId":"d-1","duplicate":true}',
      '401 {"error":"signature_mismatch",',
    ]
    answers.forEach((answer, i) => {
      if (!answer.startsWith(expected[i])) throw new Error(`The quick start answered ${answer}.`)
    })
    if (printed.split('received').length !== 2) throw new Error(`The quick start printed ${printed}.`)
  } finally {
    server.kill()
  }
}

/** Checks that the tarball has exactly the files that the entries need. Files that entries share are named after a source, with a hash. */
function checkFiles(files) {
  const names = subpaths.map((subpath) => (subpath === '.' ? 'index' : subpath.slice(2)))
  const expected = new Set(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', ...Object.values(manifest.bin)])
  for (const name of names) {
    for (const ending of ['js', 'cjs', 'd.ts', 'd.cts']) expected.add(`dist/${name}.${ending}`)
  }
  const isChunk = (file) => /^dist\/(?!chunk-)[\w.-]+-[\w-]{8}\.(js|cjs|d\.ts|d\.cts)$/.test(file)
  const stray = files.filter((file) => !expected.has(file) && !isChunk(file))
  const absent = [...expected].filter((file) => !files.includes(file))
  if (stray.length > 0 || absent.length > 0)
    throw new Error(`The tarball has unexpected files (${stray}) or lacks files (${absent}).`)
}

function readdirNames(path) {
  return run('ls', [path]).split('\n').filter(Boolean)
}

function typeCheck() {
  const consumer = (read) =>
    `${specifiers.map((specifier, i) => read(`m${i}`, specifier)).join('\n')}
export const names: object[] = [${specifiers.map((_, i) => `m${i}`)}]
const verifier = m0.createWebhookVerifier({ secrets: ['current', m0.previousSecret('former', 1_710_000_000)] })
const verdict = verifier.verify({ headers: { 'x-fluxora-signature': ['a'] }, body: new Uint8Array() })
export const text: string = verdict.ok ? verdict.delivery.text() : verdict.code
// @ts-expect-error a verifier without secrets does not compile
m0.createWebhookVerifier({})
// @ts-expect-error the delivery exists only after the verdict was checked
verdict.delivery
`
  writeFileSync(
    join(folder, 'esm.mts'),
    consumer((name, specifier) => `import * as ${name} from '${specifier}'`),
  )
  writeFileSync(
    join(folder, 'cjs.cts'),
    consumer((name, specifier) => `import ${name} = require('${specifier}')`),
  )
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  symlinkSync(join(root, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'))
  // Node's types need these; in a real project, npm installs them too.
  symlinkSync(join(root, 'node_modules', 'undici-types'), join(folder, 'node_modules', 'undici-types'))
  const options = {
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    target: 'ES2022',
    strict: true,
    noEmit: true,
    types: ['node'],
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...options, exactOptionalPropertyTypes: true },
      files: ['esm.mts', 'cjs.cts'],
    }),
  )
  run(tool('tsc'), ['-p', join(folder, 'tsconfig.json')])
}

/** attw exits with 0 if a package has no types at all, so check what it found. */
function checkTypesByAttw(tarball) {
  const { analysis, problems } = JSON.parse(run(tool('attw'), [tarball, '--format', 'json', '--profile', 'strict']))
  if (!analysis.types) throw new Error('attw found no types.')
  const seen = Object.keys(analysis.entrypoints).filter((entry) => entry !== './package.json')
  if (seen.sort().join() !== [...subpaths].sort().join()) throw new Error(`attw found only ${seen}.`)
  if (problems && Object.keys(problems).length > 0) throw new Error(`attw: ${JSON.stringify(problems)}`)
  step(`attw found the types of ${seen.length} entry points, and no problems`)
}

if (!existsSync(join(root, 'dist'))) throw new Error('Run npm run build first.')
