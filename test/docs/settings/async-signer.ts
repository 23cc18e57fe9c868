import { expect } from 'vitest'

const env = { WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}` }
const fetch = async (_url: string, init: RequestInit): Promise<void> => void (await new Request(_url, init).text())
//// block

expect(verdict.code).toBe('ok')
