// A mutant that breaks a room's import leaves its test files without a single test, and a run without tests looks like a run without
// failures. So one test does the import itself.

import { expect, it } from 'vitest'
import { rooms } from './rooms.mjs'

const names = process.env.MUTATE_ROOM ? [process.env.MUTATE_ROOM] : Object.keys(rooms)

it.each(names)('%s can be imported', async (name) => {
  const module = await import(/* @vite-ignore */ `../../src/${name}/index.ts`)
  expect(Object.keys(module).length).toBeGreaterThan(5)
})
