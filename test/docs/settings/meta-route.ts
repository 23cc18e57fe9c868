import { expect } from 'vitest'
import { meta as scheme } from '@fluxora/verify/schemes'
import { signTestDelivery } from '@fluxora/verify/testing'
import { credit, credited } from '../support.ts'

process.env.META_APP_SECRET = 'topsecret'
process.env.META_VERIFY_TOKEN = 'meatyhamhock'
//// block

const ask = (token: string) =>
  GET(new Request(`https://example.com/?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`))
const answer = await ask('meatyhamhock')
expect([answer.status, await answer.text()]).toEqual([200, '1158201444'])
expect((await ask('meaty')).status).toBe(403)
const { headers, body } = signTestDelivery({ scheme, secret: 'topsecret', body: '{"object":"page"}' })
const delivered = new Request('https://example.com/', { method: 'POST', headers, body: body as BodyInit })
expect((await POST(delivered)).status).toBe(200)
expect(credited.at(-1)).toEqual({ object: 'page' })
