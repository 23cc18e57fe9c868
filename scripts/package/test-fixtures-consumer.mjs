// Shows that the fixtures find bugs. Packs the tarball, installs it into an empty folder with fast-check and vitest, and runs a consumer's
// tests: first against a correct handler and indexer, then with one planted mistake at a time. Needs a build.
//
//   node scripts/package/test-fixtures-consumer.mjs                       every planted mistake, with seed 42
//   node scripts/package/test-fixtures-consumer.mjs --seeds 5 --runs 100  how reliably fast-check's default number of runs finds each
//   node scripts/package/test-fixtures-consumer.mjs --jest                the jest example too, installed from npm's registry

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install, makeConsumer, pack, run } from '../shared/consumer.mjs'
import { root } from '../shared/repository.mjs'

const planted = {
  'serialised again': 'accepts every genuine delivery',
  'as latin1': 'accepts every genuine delivery',
  'body only': 'accepts every genuine delivery',
  'any size': 'refuses every tampered delivery',
  'any encoding': 'refuses every tampered delivery',
  'first of two headers': 'refuses every tampered delivery',
  'no id': 'refuses every tampered delivery',
  'lenient number': 'refuses every tampered delivery',
  'no look ahead': 'refuses every tampered delivery',
  'no age': 'refuses every tampered delivery',
  'compared as far as it goes': 'refuses every tampered delivery',
  'decoded leniently': 'refuses every tampered delivery',
  'amount by a double': 'credits every amount to the last unit',
  'amount trimmed': 'credits nothing for an invalid amount',
  'links unread': 'follows the chain',
  'the rest kept': 'follows the chain',
  'late ones last': 'follows the chain',
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1000' },
    jest: { type: 'boolean', default: false },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'verify-fixtures-'))

try {
  const { tarball } = pack(folder)
  const consumer = join(folder, 'consumer')
  cpSync(join(root, 'test', 'testing', 'consumer'), consumer, { recursive: true })
  makeConsumer(consumer, tarball, '--omit=optional')
  // Use this repository's own tools, so that nothing is downloaded.
  for (const tool of ['fast-check', 'vitest']) {
    symlinkSync(join(root, 'node_modules', tool), join(consumer, 'node_modules', tool))
  }
  const config = `export default { test: { include: ['*.check.mjs'], testTimeout: 60_000 } }\n`
  writeFileSync(join(consumer, 'vitest.config.mjs'), config)

  const sound = await failures(consumer, {})
  if (sound.length > 0) throw new Error(`The correct handler fails: ${sound.join('; ')}.`)
  console.log('fixtures: the correct handler and indexer pass')
  for (const [bug, test] of Object.entries(planted)) {
    let found = 0
    for (let seed = 42; seed < 42 + Number(values.seeds); seed++) {
      const failed = await failures(consumer, { PLANTED: bug, SEED: String(seed), RUNS: values.runs })
      if (failed.includes(test)) found++
      else if (values.seeds === '1')
        throw new Error(`'${test}' did not find '${bug}'. Failed: ${failed.join('; ') || 'nothing'}.`)
    }
    console.log(`fixtures: '${test}' found '${bug}' with ${found} of ${values.seeds} seeds`)
  }
  if (values.jest) runJestExample(tarball)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The names of the failing tests. */
async function failures(consumer, env) {
  const report = join(folder, 'report.json')
  const vitest = join(consumer, 'node_modules', 'vitest', 'vitest.mjs')
  await new Promise((resolve) => {
    const args = [vitest, 'run', '--reporter=json', `--outputFile=${report}`]
    execFile(process.execPath, args, { cwd: consumer, env: { ...process.env, ...env } }, resolve)
  })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(report)
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  if (tests.length !== 5) throw new Error(`Expected 5 tests, but ${tests.length} ran.`)
  return tests.filter(({ status }) => status !== 'passed').map(({ title }) => title)
}

function runJestExample(tarball) {
  const example = join(folder, 'jest')
  mkdirSync(example)
  cpSync(join(root, 'examples', 'testing-jest'), example, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  const manifest = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  manifest.devDependencies['@fluxora/verify'] = `file:${tarball}`
  writeFileSync(join(example, 'package.json'), JSON.stringify(manifest))
  install(example)
  run('npm', ['test'], example)
  console.log('fixtures: the jest example passes')
}
