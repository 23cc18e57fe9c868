// A mutant that breaks a room's import leaves its test files without a single test, and a run without tests looks like a run without
// failures. So one test imports each file itself.

import { expect, it } from 'vitest'
import { rooms, sourcesOf } from './rooms.mjs'

const room = process.env.MUTATE_ROOM
const files = room ? sourcesOf(room) : Object.keys(rooms).flatMap((each) => sourcesOf(each))

it.each(files)('%s can be imported', async (file) => {
  await expect(import(/* @vite-ignore */ `../../${file}`)).resolves.toBeTypeOf('object')
})
