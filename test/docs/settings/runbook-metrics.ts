import express from 'express'
import { expect } from 'vitest'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'

process.env.WEBHOOK_SECRET = 'topsecret'
const app = express()

/** As much of prom-client as the block uses: what was counted and measured. */
const counted: object[] = []
const deliveries = { inc: (labels: { scheme: string; code: string }): void => void counted.push(labels) }
const problems = { inc: (labels: { scheme: string; problem: string }): void => void counted.push(labels) }
const seconds: number[] = []
const durations = { observe: (value: number): void => void seconds.push(value) }
//// block

const delivery = signTestDelivery({ secret: 'topsecret', body: '{}' })
await sendTestDelivery(app, delivery, { path: '/webhooks' })
await sendTestDelivery(app, { ...delivery, body: '{ }' }, { path: '/webhooks' })
expect(counted).toEqual([
  { scheme: 'fluxora', code: 'ok' },
  { scheme: 'fluxora', code: 'signature_mismatch' },
])
expect(seconds).toHaveLength(2)
