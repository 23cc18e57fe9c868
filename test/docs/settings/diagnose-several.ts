import { signTestDelivery } from '@fluxora/verify/testing'
import { expect } from 'vitest'

const secrets = 'topsecret\n'
const captured = [1, 2, 3].map((count) => {
  const now = 1_710_000_000 + count
  return { ...signTestDelivery({ secret: 'topsecret', body: `{"count":${count}}`, timestamp: now }), now }
})
//// block

expect(findings.map(({ code, message }) => [code, message.slice(0, 27)])).toEqual([
  ['secret_whitespace', 'In all 3 refused deliveries'],
])
