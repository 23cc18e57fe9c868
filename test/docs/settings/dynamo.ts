import { expect } from 'vitest'
import * as webhook from '@fluxora/verify/webhook'
import { finished } from '../runner.ts'

const client = {}
const dynamoDedupeStore = (_client: object) => webhook.memoryDedupeStore()
//// block

expect(await finished()).toBeGreaterThan(10)
