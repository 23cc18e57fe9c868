// Handshakes without a socket: misuse, what they are made of, and properties of what they answer. Over sockets: test/adapters.

import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { fastifyWebhook } from '../../src/adapters/fastify.ts'
import { createWebhookRoute } from '../../src/adapters/fetch.ts'
import { createWebhookListener } from '../../src/adapters/http.ts'
import { createWebhookReceiver, isWebhookError } from '../../src/webhook/index.ts'
import {
  dropboxHandshake,
  github,
  metaHandshake,
  slack,
  slackHandshake,
  twitchHandshake,
  type WebhookHandshake,
  xeroHandshake,
  zoomHandshake,
} from '../../src/webhook/schemes/index.ts'

const TOKEN = 'meatyhamhock'
const handshakes = [
  metaHandshake({ verifyToken: TOKEN }),
  dropboxHandshake(),
  slackHandshake(),
  twitchHandshake(),
  zoomHandshake(),
  xeroHandshake(),
]

function caught(make: () => unknown): unknown {
  try {
    make()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('the option handshake', () => {
  type Given = { handshake: unknown; scheme?: unknown }
  const makers: [string, (given: Given) => unknown][] = [
    ['http', (given) => createWebhookListener({ secrets: 'topsecret', ...(given as object) }, () => {})],
    ['express', (given) => expressWebhook({ secrets: 'topsecret', ...(given as object) })],
    ['fetch', (given) => createWebhookRoute({ secrets: 'topsecret', ...(given as object) }, () => {})],
    [
      'fastify',
      (given) => {
        let failure: Error | undefined
        const scope = {} as Parameters<typeof fastifyWebhook>[0]
        fastifyWebhook(scope, { secrets: 'topsecret', ...(given as object) }, (error) => {
          failure = error
        })
        throw failure
      },
    ],
  ]

  it.each(makers)('of %s must be a handshake, and one of the scheme', (_, make) => {
    const wrong = [slackHandshake, 'slack', null, 7, {}, { name: 'x', signatureHeader: 'y' }, true]
    for (const handshake of wrong) {
      const error = caught(() => make({ scheme: slack, handshake }))
      expect(error).toMatchObject({ code: 'invalid_option', option: 'handshake' })
      expect(isWebhookError(error)).toBe(true)
    }
    const ofAnother = caught(() => make({ scheme: slack, handshake: zoomHandshake() }))
    expect(ofAnother).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('x-zm-signature') })
    const withoutScheme = caught(() => make({ handshake: slackHandshake() }))
    expect(withoutScheme).toMatchObject({ message: expect.stringContaining('the scheme fluxora') })
    const misspelt = caught(() => make({ scheme: slack, handshake: { ...slackHandshake(), emptyAnswer: true } }))
    expect(misspelt).toMatchObject({ message: expect.stringContaining('emptyAnswers') })
  })

  it('is not one of a receiver, whose caller answers', () => {
    const options = { secrets: 'topsecret', scheme: slack, handshake: slackHandshake() }
    expect(caught(() => createWebhookReceiver(options))).toMatchObject({ code: 'invalid_option', option: 'handshake' })
  })

  it('takes any scheme with the header: GitHub signs as Meta does', () => {
    const handshake = metaHandshake({ verifyToken: TOKEN })
    expect(createWebhookListener({ scheme: github, secrets: 'topsecret', handshake }, () => {})).toBeTypeOf('function')
  })
})

describe('metaHandshake', () => {
  it.each([[''], [undefined], [' token'], ['token\n'], [7], ['x'.repeat(257)], ['\ud800'], [null]])(
    'refuses the verify token %j',
    (verifyToken) => {
      const error = caught(() => metaHandshake({ verifyToken: verifyToken as string }))
      expect(error).toMatchObject({ code: 'invalid_secret', option: 'verifyToken' })
    },
  )

  it('refuses options that are none, and unknown names', () => {
    for (const options of [undefined, null, 'token', { verifyToken: TOKEN, verify_token: TOKEN }]) {
      expect(caught(() => metaHandshake(options as never))).toMatchObject({ code: 'invalid_option' })
    }
  })

  it('answers the right token only', () => {
    const { answerGet } = metaHandshake({ verifyToken: TOKEN })
    const query = (token: string) =>
      `${new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.challenge': '1', 'hub.verify_token': token })}`
    for (let length = 0; length < TOKEN.length; length++)
      expect(answerGet?.(query(TOKEN.slice(0, length)))).toBe('refused')
    fc.assert(
      fc.property(fc.string({ maxLength: 30, unit: 'binary' }), (token) => {
        expect(answerGet?.(query(token)) === 'refused').toBe(token !== TOKEN)
      }),
    )
    expect(answerGet?.(query(TOKEN))).toMatchObject({ body: '1' })
    expect(answerGet?.(query(`${TOKEN}\0`))).toBe('refused')
  })
})

describe('every handshake', () => {
  it('is frozen data that shows no token', () => {
    for (const handshake of handshakes) {
      expect(Object.isFrozen(handshake)).toBe(true)
      expect(inspect(handshake, { depth: 9, showHidden: true }) + JSON.stringify(handshake)).not.toContain(TOKEN)
    }
  })

  it('answers any query by a short word or not at all', () => {
    const name = fc.constantFrom('challenge', 'hub.challenge', 'hub.mode', 'hub.verify_token', 'x')
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('subscribe', TOKEN, '<b>', 'a1'),
    )
    const query = fc.oneof(
      fc.array(fc.tuple(name, value), { maxLength: 6 }).map((pairs) => `${new URLSearchParams(pairs)}`),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(query, (given) => {
        for (const { answerGet } of handshakes) {
          const answer = answerGet?.(given) ?? 'refused'
          if (answer === 'refused') continue
          expect(answer.headers['content-type']).toBe('text/plain')
          expect(answer.body).toMatch(/^[\w.~+/=:-]{1,256}$/)
        }
      }),
    )
  })

  it('answers any signed body by a short word, by tokens, or not at all', async () => {
    const deliveryOf = (body: string) => ({ body, json: () => JSON.parse(body) }) as never
    const leaf = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('url_verification', 'endpoint.url_validation', 'v0:1:{}'),
      fc.jsonValue(),
    )
    const body = fc.oneof(
      fc
        .record(
          {
            type: leaf,
            challenge: leaf,
            event: leaf,
            events: fc.oneof(leaf, fc.constant([])),
            payload: fc.oneof(leaf, fc.record({ plainToken: leaf })),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
      fc.string(),
      fc.json(),
    )
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        for (const { name, answerDelivery } of handshakes as WebhookHandshake[]) {
          const signed: string[] = []
          const answer = await answerDelivery?.(deliveryOf(given), async (text) => {
            signed.push(text)
            return new Uint8Array(32)
          })
          for (const text of signed) expect(text).toMatch(/^[A-Za-z0-9+/_=-]{1,128}$/)
          if (answer === undefined || answer === 'refused') continue
          if (name === 'zoom') expect(Object.keys(JSON.parse(answer.body))).toEqual(['plainToken', 'encryptedToken'])
          else if (name === 'xero') expect(answer).toEqual({ headers: {}, body: '' })
          else expect(answer.body).toMatch(/^[\w.~+/=:-]{1,256}$/)
        }
      }),
    )
  })
})
