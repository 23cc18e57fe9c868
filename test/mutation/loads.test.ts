// A mutant that breaks a room's import leaves its test files without a single test, and a run without tests looks like a run without
// failures. So one test does the import itself.

import { expect, it } from 'vitest'
import { rooms } from './rooms.mjs'

const names = process.env.MUTATE_ROOM ? [process.env.MUTATE_ROOM] : Object.keys(rooms)
const entries = names.flatMap((name) => (rooms[name]?.entries ?? ['index.ts']).map((entry) => `${name}/${entry}`))

it.each(entries)('%s can be imported', async (entry) => {
  const module = await import(/* @vite-ignore */ `../../src/${entry}`)
  expect(Object.keys(module).length).toBeGreaterThan(entry.endsWith('index.ts') ? 5 : 0)
})
