// Our schemes against the senders' own packages, both ways where they can sign, over random messages. The packages are installed apart
// (npm install --prefix test/webhook/clients); in CI they must be there. scripts/senders/facts.mjs names them, for docs/senders.md.

import { createHmac, generateKeyPairSync, sign as signBy } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packages } from '../../scripts/senders/facts.mjs'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import installed from './clients/package.json' with { type: 'json' }
import {
  codeOf,
  folder,
  isInstalled,
  json,
  load,
  NOW,
  type Package,
  RUNS,
  secretText,
  signed,
} from './peers-support.ts'
import { schemeOf } from './sender-support.ts'

it('docs/senders.md names each package', () => {
  const named = Object.values(packages).map(({ name }) => name)
  expect([...new Set(named)].sort()).toEqual(Object.keys(installed.dependencies).sort())
})

describe.skipIf(!isInstalled)("the senders' own packages", () => {
  it.each([
    ['standardWebhooks', 'standardwebhooks'],
    ['svix', 'svix'],
    ['gitlabSigned', 'standardwebhooks'],
  ])('%s: %s', (name, packageName) => {
    const { Webhook }: Package = load(packageName)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), json, (key, body) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`
        const theirs = new Webhook(secret)
        const timestamp = new Date(NOW * 1000)
        const prefix = name === 'svix' ? 'svix' : 'webhook'
        const headers = {
          [`${prefix}-id`]: 'msg_1',
          [`${prefix}-timestamp`]: String(NOW),
          [`${prefix}-signature`]: theirs.sign('msg_1', timestamp, body),
        }
        expect(codeOf(name, secret, { headers, body })).toBe('ok')
        theirs.verify(body, signed(name, secret, body))
      }),
      RUNS,
    )
  })

  it('stripe', () => {
    const Stripe: Package = load('stripe')
    const { webhooks } = new (Stripe.default ?? Stripe)('sk_test_x')
    fc.assert(
      fc.property(secretText, json, (secret, payload) => {
        const header = webhooks.generateTestHeaderString({ payload, secret, timestamp: NOW })
        expect(codeOf('stripe', secret, { headers: { 'stripe-signature': header }, body: payload })).toBe('ok')
        webhooks.constructEvent(payload, signed('stripe', secret, payload)['stripe-signature'], secret)
      }),
      RUNS,
    )
  })

  it('github: @octokit/webhooks-methods', async () => {
    const { sign, verify }: Package = await import(
      new URL('node_modules/@octokit/webhooks-methods/dist-node/index.js', folder).href
    ).catch(() => import(new URL('node_modules/@octokit/webhooks-methods/dist-bundle/index.js', folder).href))
    await fc.assert(
      fc.asyncProperty(secretText, json, async (secret, body) => {
        const headers = { 'x-hub-signature-256': await sign(secret, body), 'x-github-delivery': 'd' }
        expect(codeOf('github', secret, { headers, body })).toBe('ok')
        expect(await verify(secret, body, signed('github', secret, body)['x-hub-signature-256'])).toBe(true)
      }),
      RUNS,
    )
  })

  it('twilio', () => {
    const twilio: Package = load('twilio')
    const fields = fc.dictionary(
      fc.stringMatching(/^[A-Za-z0-9]{1,10}$/),
      fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => text.isWellFormed()),
      { maxKeys: 6 },
    )
    const url = fc.webUrl({ withQueryParameters: true, validSchemes: ['https'] }).map((text) => new URL(text).href)
    fc.assert(
      fc.property(secretText, url, fields, (secret, address, given) => {
        const params = { ...given }
        const body = new URLSearchParams(params).toString()
        const headers = { 'x-twilio-signature': twilio.getExpectedTwilioSignature(secret, address, params) }
        expect(codeOf('twilio', secret, { headers, body, url: address })).toBe('ok')
        const ours = signed('twilio', secret, body, { url: address })['x-twilio-signature']
        expect(twilio.validateRequest(secret, ours, address, params)).toBe(true)
      }),
      RUNS,
    )
  })

  it('sendgrid: @sendgrid/eventwebhook takes what the scheme takes', () => {
    const { EventWebhook }: Package = load('@sendgrid/eventwebhook')
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const theirs = new EventWebhook()
    fc.assert(
      fc.property(json, (body) => {
        const signature = signBy('sha256', Buffer.from(NOW + body), privateKey).toString('base64')
        const headers = {
          'x-twilio-email-event-webhook-signature': signature,
          'x-twilio-email-event-webhook-timestamp': String(NOW),
        }
        expect(theirs.verifySignature(theirs.convertPublicKeyToECDSA(key), body, signature, String(NOW))).toBe(true)
        expect(codeOf('sendgrid', key, { headers, body })).toBe('ok')
      }),
      { numRuns: 30 }, // their package takes 20 ms for each
    )
  })

  it('contentful: @contentful/node-apps-toolkit', () => {
    const { signRequest, verifyRequest }: Package = load('@contentful/node-apps-toolkit')
    const secretOf64 = fc.stringMatching(/^[a-z0-9]{64}$/)
    fc.assert(
      fc.property(secretOf64, json, (secret, body) => {
        const request = {
          method: 'POST',
          path: '/hooks', // with a query their package escapes it twice

          headers: { 'content-type': 'application/json', 'x-extra': 'e' },
          body,
        }
        const headers = { ...request.headers, ...signRequest(secret, request, NOW * 1000) }
        expect(codeOf('contentful', secret, { headers, body, method: 'POST', url: 'https://x.example/hooks' })).toBe(
          'ok',
        )
        const list = 'x-contentful-signed-headers,x-contentful-timestamp,x-extra'
        const given = {
          'x-contentful-signed-headers': list,
          'x-contentful-timestamp': String(NOW * 1000),
          'x-extra': 'e',
        }
        const ours = signed('contentful', secret, body, { url: 'https://x.example/hooks', headers: given })
        expect(verifyRequest(secret, { ...request, headers: { ...given, ...ours } }, 0)).toBe(true)
      }),
      RUNS,
    )
  })

  it('razorpay', () => {
    const { validateWebhookSignature }: Package = load('razorpay/dist/utils/razorpay-utils')
    fc.assert(
      fc.property(secretText, json, (secret, body) => {
        expect(validateWebhookSignature(body, signed('razorpay', secret, body)['x-razorpay-signature'], secret)).toBe(
          true,
        )
      }),
      RUNS,
    )
  })

  it('square', async () => {
    const { WebhooksHelper }: Package = load('square')
    const notificationUrl = 'https://x.example/hooks'
    await fc.assert(
      fc.asyncProperty(secretText, json, async (signatureKey, requestBody) => {
        const signatureHeader = signed('square', signatureKey, requestBody, { url: notificationUrl })[
          'x-square-hmacsha256-signature'
        ]
        expect(
          await WebhooksHelper.verifySignature({ requestBody, signatureHeader, signatureKey, notificationUrl }),
        ).toBe(true)
      }),
      RUNS,
    )
  })

  it('discord: discord-interactions', async () => {
    const { verifyKey }: Package = load('discord-interactions')
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await fc.assert(
      fc.asyncProperty(json, async (body) => {
        const headers = signed('discord', pem, body)
        expect(codeOf('discord', key, { headers, body })).toBe('ok')
        expect(await verifyKey(body, headers['x-signature-ed25519'], String(NOW), key)).toBe(true)
      }),
      RUNS,
    )
  })

  it('paddle: @paddle/paddle-node-sdk', async () => {
    const { WebhooksValidator, Paddle }: Package = load('@paddle/paddle-node-sdk')
    const paddle = new Paddle('pdl_x')
    expect(WebhooksValidator ?? paddle.webhooks).toBeDefined()
    await fc.assert(
      fc.asyncProperty(secretText, json, async (secret, value) => {
        const body = `{"event_id":"e","event_type":"x","data":${value}}`
        const timestamp = Math.floor(Date.now() / 1000)
        const header = createWebhookSigner({ scheme: schemeOf('paddle'), secrets: secret }).sign({ body, timestamp })[
          'paddle-signature'
        ]
        expect(await paddle.webhooks.isSignatureValid(body, secret, header)).toBe(true)
      }),
      RUNS,
    )
  })

  it('workos: @workos-inc/node', async () => {
    const { WorkOS }: Package = load('@workos-inc/node')
    const workos = new WorkOS('sk_x')
    await fc.assert(
      fc.asyncProperty(secretText, fc.jsonValue({ maxDepth: 1 }), async (secret, data) => {
        // Their package writes the parsed payload again, so only such bodies verify.
        const body = JSON.stringify({ id: 'e', event: 'x', data: JSON.parse(JSON.stringify(data)) })
        const header = signed('workos', secret, body)['workos-signature']!
        const mac = createHmac('sha256', secret)
          .update(`${NOW * 1000}.${body}`)
          .digest('hex')
        expect(header).toBe(`t=${NOW * 1000},v1=${mac}`)
        const payload = JSON.parse(body)
        await workos.webhooks.verifyHeader({ payload, sigHeader: header.replace(',', ', '), secret, tolerance: 1e9 })
      }),
      RUNS,
    )
  })

  it('adyen: @adyen/api-library', () => {
    const { hmacValidator: Validator }: Package = load('@adyen/api-library')
    const theirs = new Validator()
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
    fc.assert(
      fc.property(key, json, (secret, body) => {
        const headers = { hmacsignature: theirs.calculateHmac(body, secret) }
        expect(codeOf('adyen', secret, { headers, body })).toBe('ok')
        expect(theirs.validateHMACSignature(secret, signed('adyen', secret, body).hmacsignature, body)).toBe(true)
      }),
      RUNS,
    )
  })

  it('hubspot: @hubspot/api-client', () => {
    const { Signature }: Package = load('@hubspot/api-client')
    const url = 'https://x.example/hooks?a=1'
    const timestamp = String(NOW * 1000)
    fc.assert(
      fc.property(secretText, json, (clientSecret, requestBody) => {
        const request = { clientSecret, requestBody, url, timestamp: NOW * 1000, method: 'POST' }
        const headers = {
          'x-hubspot-signature-v3': Signature.getSignature('POST', 'v3', request),
          'x-hubspot-request-timestamp': timestamp,
        }
        expect(codeOf('hubspot', clientSecret, { headers, body: requestBody, url, method: 'POST' })).toBe('ok')
        const ours = signed('hubspot', clientSecret, requestBody, { url, method: 'POST' })
        const signature = ours['x-hubspot-signature-v3']
        expect(Signature.isValid({ ...request, signature, signatureVersion: 'v3' })).toBe(true)
      }),
      RUNS,
    )
  })

  it('linear: @linear/sdk', async () => {
    const { LinearWebhookClient }: Package = await import(
      new URL('node_modules/@linear/sdk/dist/webhooks/index.mjs', folder).href
    )
    fc.assert(
      fc.property(secretText, json, (secret, data) => {
        const body = `{"webhookTimestamp":${Date.now()},"data":${data}}`
        const ours = signed('linear', secret, body)['linear-signature']
        expect(new LinearWebhookClient(secret).verify(Buffer.from(body), ours)).toBe(true)
      }),
      RUNS,
    )
  })

  it('mux: @mux/mux-node', async () => {
    const Mux: Package = load('@mux/mux-node')
    const { webhooks } = new (Mux.default ?? Mux)({ tokenId: 'x', tokenSecret: 'x' })
    await fc.assert(
      fc.asyncProperty(secretText, json, async (secret, body) => {
        await webhooks.verifySignature(body, signed('mux', secret, body), secret)
      }),
      RUNS,
    )
  })

  it('slack: @slack/bolt', () => {
    const { verifySlackRequest }: Package = load('@slack/bolt')
    fc.assert(
      fc.property(secretText, json, (signingSecret, body) => {
        const ours = signed('slack', signingSecret, body)
        const headers = { ...ours, 'x-slack-request-timestamp': Number(ours['x-slack-request-timestamp']) }
        verifySlackRequest({ signingSecret, body, headers })
        expect(() => verifySlackRequest({ signingSecret, body: `${body} `, headers })).toThrow('signature mismatch')
      }),
      RUNS,
    )
  })

  it.each([
    ['webhooks', 'x-shopify-'],
    ['events', 'shopify-'],
  ])('shopify, %s: @shopify/shopify-api', async (_kind, prefix) => {
    load('@shopify/shopify-api/adapters/node')
    const { shopifyApi, ApiVersion }: Package = load('@shopify/shopify-api')
    await fc.assert(
      fc.asyncProperty(secretText, json, async (apiSecretKey, body) => {
        const { webhooks } = shopifyApi({
          apiKey: 'k',
          apiSecretKey,
          apiVersion: Object.values(ApiVersion).at(-1),
          hostName: 'x.example',
          isEmbeddedApp: true,
          logger: { log: () => {} },
        })
        const ours = signed('shopify', apiSecretKey, body, { event: 'orders/create' })
        const headers: Record<string, string> = { [`${prefix}shop-domain`]: 'x.myshopify.com' }
        for (const name of ['hmac-sha256', 'webhook-id', 'topic']) headers[prefix + name] = ours[`x-shopify-${name}`]!
        const more = {
          'api-version': '2026-10',
          handle: 'h',
          action: 'a',
          'resource-id': 'r',
          'event-id': 'e',
          'triggered-at': 't',
        }
        for (const [name, value] of Object.entries(more)) headers[prefix + name] = value
        const theirs = await webhooks.validate({ rawBody: body, rawRequest: { method: 'POST', url: '/', headers } })
        expect(theirs.valid).toBe(true)
        expect(codeOf('shopify', apiSecretKey, { headers, body })).toBe('ok')
      }),
      RUNS,
    )
  })
})
