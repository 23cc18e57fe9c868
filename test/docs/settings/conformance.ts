import { expect } from 'vitest'
import { memoryDedupeStore } from '@fluxora/verify/webhook'
import { finished } from '../runner.ts'

const connection = {}
const myDedupeStore = (_connection: object) => memoryDedupeStore()
//// block

expect(await finished()).toBeGreaterThan(10)
