// The tests of one room, for a mutation run: MUTATE_ROOM names it, MUTATE_FILE the file that is broken.

import { defineConfig } from 'vitest/config'
import { QuickFirst } from './quick-first.ts'
import { rooms } from './rooms.mjs'

const room = rooms[process.env.MUTATE_ROOM ?? 'decimal']
const tests = room?.only?.[process.env.MUTATE_FILE ?? ''] ?? room?.tests ?? []

export default defineConfig({
  test: {
    include: ['test/mutation/loads.test.ts', ...tests],
    setupFiles: ['test/mutation/few-runs.ts'],
    exclude: ['**/node_modules/**', ...(room?.without ?? [])],
    testTimeout: 30_000,
    sequence: { sequencer: QuickFirst },
  },
})
