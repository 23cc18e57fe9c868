import { createServer } from 'node:http'
import { expect } from 'vitest'
import { xero as scheme } from '@fluxora/verify/schemes'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { credit, credited } from '../support.ts'

process.env.XERO_WEBHOOK_KEY = 'topsecret'
//// block

async function statusAndText(secret: string, body: string) {
  const answer = await sendTestDelivery(createServer(listener), signTestDelivery({ scheme, secret, body }))
  return [answer.status, await answer.text()]
}
expect(await statusAndText('topsecret', '{"events":[]}')).toEqual([200, ''])
expect(await statusAndText('another-secret', '{"events":[]}')).toEqual([401, ''])
expect(await statusAndText('topsecret', '{"events":[{"resourceId":"r1"}]}')).toEqual([200, ''])
expect(credited.at(-1)).toEqual({ events: [{ resourceId: 'r1' }] })
