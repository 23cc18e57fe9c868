// The endpoint that is not there: it answers by its script, and keeps what it got.

import { expect, it } from 'vitest'
import { createWebhookSender } from '../../src/sender/index.ts'
import { fakeEndpoint } from '../../src/testing/index.ts'
import { createWebhookVerifier } from '../../src/webhook/index.ts'

it('answers by its script, the last answer for ever, and keeps what it got', async () => {
  const endpoint = fakeEndpoint([
    503,
    { reason: 'timeout' },
    { status: 410, headers: { 'x-a': 'b' }, body: 'bye' },
    200,
  ])
  const sender = createWebhookSender({ transport: endpoint.transport, random: () => 0 })
  const target = { id: 'ep', url: endpoint.url, secrets: 'topsecret' }
  const attempt = () => sender.attempt({ endpoint: target, deliveryId: 'd', body: '{"a":1}', attempt: 1 })
  expect(await attempt()).toMatchObject({ outcome: 'retry', reason: 'http_status', statusCode: 503 })
  expect(await attempt()).toMatchObject({ outcome: 'retry', reason: 'timeout' })
  expect(await attempt()).toMatchObject({ outcome: 'dead', reason: 'gone', response: { headers: { 'x-a': 'b' } } })
  for (let time = 0; time < 2; time++) expect(await attempt()).toMatchObject({ outcome: 'delivered' })
  expect(endpoint.requests).toHaveLength(5)
  const { headers, body, url } = endpoint.requests[4]!
  expect(url).toBe(endpoint.url)
  expect(createWebhookVerifier({ secrets: 'topsecret' }).verify({ headers, body }).code).toBe('ok')
  expect(endpoint.requests[0]?.text()).toBe('{"a":1}')
})

it.each([[[]], [[99]], [['200']], [[{}]], [200]])('refuses the script %j', (script) => {
  expect(() => fakeEndpoint(script as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
})
