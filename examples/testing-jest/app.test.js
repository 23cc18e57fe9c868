// Run by `npm install` and `npm test` in this folder, after a build.

const { github } = require('@fluxora/verify/schemes')
const { sendTestDelivery, signTestDelivery, signedDelivery, tamperedDelivery } = require('@fluxora/verify/testing')
const fc = require('fast-check')
const { createApp } = require('./app.js')

const secret = 'topsecret'
const constraints = { scheme: github, secret, maxBodyBytes: 262_144 }
const path = '/github'

test('counts a push once', async () => {
  const { app, counts } = createApp({ secret })
  const delivery = signTestDelivery({ scheme: github, secret, body: '{"ref":"refs/heads/main"}', event: 'push' })
  expect((await sendTestDelivery(app, delivery, { path })).status).toBe(200)
  const again = await sendTestDelivery(app, delivery, { path })
  expect(await again.json()).toMatchObject({ ok: true, duplicate: true })
  expect(counts).toEqual(new Map([['push', 1]]))
})

test('accepts every genuine delivery', async () => {
  await fc.assert(
    fc.asyncProperty(signedDelivery(constraints), async (delivery) => {
      const { app, counts } = createApp({ secret })
      expect((await sendTestDelivery(app, delivery, { path })).status).toBe(200)
      expect(counts.size).toBe(1)
    }),
  )
})

test('refuses tampered deliveries and does not count them', async () => {
  await fc.assert(
    fc.asyncProperty(tamperedDelivery(constraints), async (delivery) => {
      const { app, counts } = createApp({ secret })
      const response = await sendTestDelivery(app, delivery, { path })
      expect(await response.json()).toMatchObject({ error: delivery.expectedCode })
      expect(counts.size).toBe(0)
    }),
  )
})
