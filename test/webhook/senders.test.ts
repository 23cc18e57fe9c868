// Every sender: a delivery that was computed without this library (scripts/senders/make-vectors.py) and, where its document has one, the
// published example. Asked of both engines.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import { createWebhookReceiver, createWebhookSigner, createWebhookVerifier } from '../../src/webhook/index.ts'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'
import * as exported from '../../src/webhook/schemes/index.ts'
import { isScheme, type WebhookScheme } from '../../src/webhook/schemes/scheme.ts'
import { schemeOf } from './sender-support.ts'

interface Vector {
  readonly scheme: string
  readonly secret: string
  readonly now: number
  readonly url?: string
  readonly headers: Record<string, string>
  readonly body: string
}

const file: { cases: Vector[]; published: Vector[] } = JSON.parse(
  readFileSync(new URL('../vectors/senders.json', import.meta.url), 'utf8'),
)
const schemes = Object.entries(exported).filter((entry): entry is [string, WebhookScheme] => isScheme(entry[1]))
const ofOurs = ['fluxora', 'stellarPayment', 'chronomind', 'fluxdrop'] // they have contract.json

async function codeOf({ scheme, secret, now, ...input }: Vector): Promise<string> {
  const options = { scheme: schemeOf(scheme), secrets: secret, now: () => now }
  const verdict = createWebhookVerifier(options).verify(input)
  const later = await createAsyncWebhookVerifier(options).verify(input)
  expect({ ...later, delivery: undefined }).toEqual({ ...verdict, delivery: undefined })
  return verdict.code
}

const isSigned = ({ bodySigned, content }: WebhookScheme): boolean => bodySigned || content !== undefined

describe('vectors', () => {
  it('has one for every sender', () => {
    const covered = new Set([...file.cases.map(({ scheme }) => scheme), ...ofOurs])
    expect(schemes.map(([name]) => name).filter((name) => !covered.has(name))).toEqual([])
  })

  it('has the same list for what looks through all of them', () => {
    expect(Object.entries(ALL_SCHEMES).sort()).toEqual([...schemes].sort())
  })

  // Ours have none: their documents are not on the web.
  it.each(schemes.filter(([name]) => !ofOurs.includes(name)))("%s names its document's address", (name) => {
    const file = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const source = readFileSync(new URL(`../../src/webhook/schemes/${file}.ts`, import.meta.url), 'utf8')
    expect(source).toMatch(/^\/\/ https:\/\/\S+$/m)
  })

  it.each(schemes)('%s is exported under its own name', (name, scheme) => {
    expect(scheme.name).toBe(name)
  })

  it.each([...file.cases, ...file.published].map((vector, index) => [vector.scheme, index, vector] as const))(
    '%s (%i) is taken as computed, and not changed in any part',
    async (_, __, vector) => {
      const scheme = schemeOf(vector.scheme)
      expect(await codeOf(vector)).toBe('ok')
      expect(await codeOf({ ...vector, secret: otherSecret(vector) })).toBe('signature_mismatch')
      if (isSigned(scheme) && vector.scheme !== 'mailgun') {
        expect(await codeOf({ ...vector, body: vector.body.replace(/[1e]/, '2') })).toBe('signature_mismatch')
      }
      if (vector.url !== undefined) {
        expect(await codeOf({ ...vector, url: vector.url.replace('=1', '=2') })).toBe('signature_mismatch')
      }
      if (scheme.timestampSigned) {
        expect(await codeOf({ ...vector, now: vector.now + 301 })).toBe('timestamp_outside_tolerance')
        expect(await codeOf({ ...vector, now: vector.now - 301 })).toBe('timestamp_outside_tolerance')
      }
    },
  )

  it.each(file.cases.map((vector) => [vector.scheme, vector] as const))(
    '%s is refused if its signature was sent twice, and joined as Node and Fetch do',
    async (scheme, vector) => {
      const names = schemeOf(scheme).headers.signature
      const joined = Object.entries(vector.headers).map(([name, value]) => [
        name,
        names.includes(name.toLowerCase()) ? `${value}, ${value}` : value,
      ])
      // A token may hold any text, and so may the body of mailgun, where its signature is.
      const isText = schemeOf(scheme).proof.algorithm === 'token'
      const code = scheme === 'mailgun' ? 'ok' : isText ? 'signature_mismatch' : 'ambiguous_header'
      expect(await codeOf({ ...vector, headers: Object.fromEntries(joined) })).toBe(code)
    },
  )

  /** Another secret in the same form. */
  function otherSecret({ scheme, secret }: Vector): string {
    if (secret.startsWith('whsec_')) return 'whsec_AAAA'
    if (scheme === 'adyen') return '00'
    const other = file.cases.find(
      (each) => each.secret !== secret && schemeOf(each.scheme).proof === schemeOf(scheme).proof,
    )
    if (scheme === 'discord') return 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a' // RFC 8032, test 1
    return ['circle', 'sendgrid'].includes(scheme) ? other!.secret : 'another'
  }
})

describe('identity', () => {
  const symmetric = file.cases.filter(({ scheme }) => !['circle', 'discord', 'sendgrid'].includes(scheme))
  it.each(symmetric.map((vector) => [vector.scheme, vector] as const))(
    '%s: a copy is a duplicate, once',
    async (name, vector) => {
      const { secret, now, ...input } = vector
      const receiver = createWebhookReceiver({
        scheme: schemeOf(name),
        secrets: secret,
        now: () => now,
        onOutcome: false,
      })
      const receive = async () => (await receiver.receive({ method: 'POST', ...input }, () => {})).code
      expect(await receive()).toBe('ok')
      // Dropbox's genuine deliveries cannot be told from copies.
      expect(await receive()).toBe(name === 'dropbox' ? 'ok' : 'duplicate_delivery')
    },
  )

  it.each([
    ['stripe', { id: 'evt_1' }],
    ['alchemy', { id: 'evt_1' }],
    ['mux', { id: 'evt_1' }],
    ['workos', { id: 'evt_1' }],
    ['paddle', { event_id: 'e-1' }],
    ['typeform', { event_id: 'e-1' }],
    ['pagerduty', { event: { id: 'p-1' } }],
    ['intercom', { id: 'notif_1' }],
  ])('%s: the id in the body decides, whatever else changes on a retry', async (name, id) => {
    const scheme = schemeOf(name)
    const signer = createWebhookSigner({ scheme, secrets: 'topsecret' })
    const receiver = createWebhookReceiver({ scheme, secrets: 'topsecret', onOutcome: false })
    const receive = async (attempt: number, more: object = {}): Promise<string> => {
      const body = JSON.stringify({ ...id, attempt, ...more })
      return (await receiver.receive({ headers: signer.sign({ body }), body }, () => {})).code
    }
    expect(await receive(1)).toBe('ok')
    expect(await receive(2)).toBe('duplicate_delivery')
    const another = Object.fromEntries(Object.keys(id).map((key) => [key, key === 'event' ? { id: 'other' } : 'other']))
    expect(await receive(1, another)).toBe('ok')
  })
})

describe('limits', () => {
  it("takes GitHub's largest push by default", async () => {
    const scheme = schemeOf('github')
    const body = `{"x":"${'a'.repeat(20_000_000)}"}`
    const headers = createWebhookSigner({ scheme, secrets: 's' }).sign({ body, deliveryId: 'd' })
    expect(createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers, body }).code).toBe('ok')
  })
})

describe("shopify's two families of headers", () => {
  const body = '{"id":1}'
  const scheme = schemeOf('shopify')
  const webhooks = createWebhookSigner({ scheme, secrets: 's' }).sign({ body, deliveryId: 'd-1', event: 'orders/paid' })
  const events = Object.fromEntries(Object.entries(webhooks).map(([name, value]) => [name.replace('x-', ''), value]))

  it('are signed as webhooks', () => {
    expect(Object.keys(webhooks).every((name) => name.startsWith('x-shopify-'))).toBe(true)
  })

  it.each([
    ['Events alone', events],
    ['both, with the same values', { ...webhooks, ...events }],
  ])('%s', (_, headers) => {
    const verdict = createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers, body })
    expect(verdict).toMatchObject({ ok: true, delivery: { deliveryId: 'd-1', event: 'orders/paid' } })
  })

  it.each(Object.keys(events))('both, and %s differs', (name) => {
    const headers = { ...webhooks, ...events, [name]: `${events[name]}x` }
    const { code } = createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers, body })
    expect(code).toBe(name === 'shopify-topic' ? 'ok' : 'ambiguous_header')
  })

  it('are one namespace for duplicates', async () => {
    const receiver = createWebhookReceiver({ scheme, secrets: 's', onOutcome: false })
    expect((await receiver.receive({ headers: webhooks, body }, () => {})).code).toBe('ok')
    expect((await receiver.receive({ headers: events, body }, () => {})).code).toBe('duplicate_delivery')
  })
})
