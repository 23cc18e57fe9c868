// The tests of one room, all mutants of it in one copy of the sources: MUTATE_ROOM names it, MUTATE_SOURCES the file with the copy.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { QuickFirst } from '../quick-first.ts'
import { rooms } from '../rooms.mjs'

const { tests, without = [] } = rooms[process.env.MUTATE_ROOM ?? '']!
const sources: Record<string, string> = JSON.parse(readFileSync(process.env.MUTATE_SOURCES!, 'utf8'))
const broken = new Map(Object.entries(sources).map(([file, code]) => [resolve(file), code]))
const done = (process.env.MUTATE_DONE ?? '').split('\n').filter(Boolean)

export default defineConfig({
  plugins: [{ name: 'broken-sources', enforce: 'pre', load: (id) => broken.get(id.split('?')[0]!) }],
  test: {
    include: tests,
    exclude: ['**/node_modules/**', ...without, ...done],
    runner: 'test/mutation/together/runner.ts',
    setupFiles: ['test/mutation/few-runs.ts'],
    pool: 'forks',
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 10_000,
    reporters: ['dot'],
    silent: true,
    sequence: { sequencer: QuickFirst },
  },
})
