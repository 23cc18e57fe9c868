import { expect } from 'vitest'
import type { Endpoint } from '@fluxora/verify/sender'

const told: unknown[] = []
const logger = { info: (record: unknown) => void told.push(record) }
const findEndpoint = (id: string): Endpoint => ({ id, url: 'https://127.0.0.1/hooks', secrets: 'topsecret' })
const tellOwner = (...change: unknown[]): void => void told.push(change)
//// block

while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
expect(told).toMatchObject([{ outcome: 'dead', reason: 'address_refused' }, ['ep_1', 'failing', 'address_refused']])
await dispatcher.drain()
