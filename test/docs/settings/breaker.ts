import { expect } from 'vitest'
import { type DedupeStore, memoryDedupeStore } from '@fluxora/verify/webhook'

const store: DedupeStore = memoryDedupeStore()
const breaker = { isOpen: false, run: <T>(call: () => Promise<T>): Promise<T> => call() }
//// block

const request = { keys: [{ key: 'k' }], leaseMs: 1000, bindMs: 1000 }
expect((await guarded.claim(request)).status).toBe('claimed')
breaker.isOpen = true
await expect(guarded.claim(request)).rejects.toThrow('circuit open')
