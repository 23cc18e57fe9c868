// A mutation run asks each property a hundred times at most, or as often as its room allows: a mutant that only the thousandth run would notice counts as a survivor,
// and the rooms are through in an hour instead of a night.

import type { IProperty, Parameters } from 'fast-check'
import { vi } from 'vitest'
import { rooms } from './rooms.mjs'

const most = rooms[process.env.MUTATE_ROOM ?? '']?.runs ?? 100

vi.mock('fast-check', async (original) => {
  const real = await original<typeof import('fast-check')>()
  // Of the three kinds of property one stands for all.
  const assert = ((property: IProperty<unknown>, given: Parameters<unknown> = {}) =>
    real.assert(property, { ...given, numRuns: Math.min(given.numRuns ?? 100, most) })) as typeof real.assert
  return { ...real, assert, default: { ...real.default, assert } }
})
