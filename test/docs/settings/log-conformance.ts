import { expect } from 'vitest'
import { memoryDeliveryLog } from '@fluxora/verify/sender'
import { finished } from '../runner.ts'

const myDeliveryLog = () => memoryDeliveryLog()
//// block

expect(await finished()).toBeGreaterThan(10)
