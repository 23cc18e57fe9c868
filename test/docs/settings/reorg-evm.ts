import { expect } from 'vitest'

const block = (height: number) => ({
  number: `0x${height.toString(16)}`,
  hash: `0x${height.toString(16).padStart(64, 'a')}`,
  parentHash: `0x${(height - 1).toString(16).padStart(64, 'a')}`,
  timestamp: `0x${(1_700_000_000 + height * 12).toString(16)}`,
})
const blocks = Array.from({ length: 100 }, (_, at) => block(19_000_000 + at))
const finalized = block(19_000_035)
//// block

expect(state.tip).toMatchObject({ sequence: 19_000_099, closedAt: 1_700_000_000 + 19_000_099 * 12 })
expect(state.finalizedLedger).toBe(19_000_035)
expect(state.lastSafeLedger).toBe(19_000_087)
