import { expect } from 'vitest'
import { finished } from '../runner.ts'

//// block

expect(await finished()).toBeGreaterThan(10)
