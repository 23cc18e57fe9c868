// What entries share has a name that says what is in it, for whoever reads a stack trace.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { nameChunks } from '../../scripts/package/name-chunks.mjs'

const folder = mkdtempSync(join(tmpdir(), 'fluxora-chunks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('names shared files after the largest source in them, in every import of them', async () => {
  mkdirSync(join(folder, 'stores'))
  const files = {
    'package.json': '{ "type": "module" }',
    'index.js': "import { two } from './chunk-ABCDEFG1.js'\nexport const three = two + 1\n",
    'stores/redis.js': "export { two } from '../chunk-ABCDEFG1.js'\n",
    'chunk-ABCDEFG1.js': [
      "import { one } from './chunk-ABCDEFG2.js'",
      '// src/webhook/small.ts',
      'const small = 1',
      '// src/webhook/pipeline/headers.ts',
      'export const two = one + small // the larger of the two',
    ].join('\n'),
    'chunk-ABCDEFG2.js': '// of nobody knows which source\nexport const one = 1\n',
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  nameChunks(folder)
  const names = readdirSync(folder).filter((name) => name.includes('-'))
  expect(names.sort()).toEqual(['chunk-ABCDEFG2.js', 'webhook-pipeline-headers-ABCDEFG1.js'])
  expect(await import(join(folder, 'index.js'))).toMatchObject({ three: 3 })
  expect(readFileSync(join(folder, 'stores/redis.js'), 'utf8')).toContain("'../webhook-pipeline-headers-ABCDEFG1.js'")
})
