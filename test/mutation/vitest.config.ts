// The tests of one room, for a mutation run: MUTATE_ROOM names it, MUTATE_FILE the file that is broken.

import { defineConfig } from 'vitest/config'
import { QuickFirst } from './quick-first.ts'
import { rooms, testsOf } from './rooms.mjs'

const room = process.env.MUTATE_ROOM ?? 'decimal'

export default defineConfig({
  test: {
    include: ['test/mutation/loads.test.ts', ...testsOf(room, process.env.MUTATE_FILE ?? '')],
    setupFiles: ['test/mutation/few-runs.ts'],
    exclude: ['**/node_modules/**', ...(rooms[room]?.without ?? [])],
    testTimeout: 30_000,
    sequence: { sequencer: QuickFirst },
  },
})
