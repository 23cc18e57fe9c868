// A mutation run asks each property a hundred times at most: a mutant that only the thousandth run would notice counts as a survivor,
// and the rooms are through in an hour instead of a night.

import { vi } from 'vitest'

vi.mock('fast-check', async (original) => {
  const real = await original<typeof import('fast-check')>()
  const assert = ((property: Parameters<typeof real.assert>[0], { numRuns = 100, ...parameters } = {}) =>
    real.assert(property, { ...parameters, numRuns: Math.min(numRuns, 100) })) as typeof real.assert
  return { ...real, assert, default: { ...real.default, assert } }
})
