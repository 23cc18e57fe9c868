// Handshakes over real sockets, through every adapter and framework version.

import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { DedupeStore, OutcomeReport, VerifiedDelivery } from '../../src/webhook/index.ts'
import { memoryDedupeStore, previousSecret } from '../../src/webhook/index.ts'
import {
  dropbox,
  dropboxHandshake,
  meta,
  metaHandshake,
  slack,
  slackHandshake,
  twitch,
  twitchHandshake,
  type WebhookScheme,
  xero,
  xeroHandshake,
  zoom,
  zoomHandshake,
} from '../../src/webhook/schemes/index.ts'
import { type Draft, deliver, SECRET } from './support/client.ts'
import { type Setup, targets } from './support/targets.ts'

const VERIFY_TOKEN = 'meatyhamhock'
const hmac = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')
const get = (query: string): Draft => ({ method: 'GET', path: `/webhooks${query}`, body: '' })

describe.each(targets)('$name', (target) => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function serve(options: Partial<Setup['options']>) {
    const runs: VerifiedDelivery[] = []
    const reports: OutcomeReport[] = []
    const claims: unknown[] = []
    const store = memoryDedupeStore()
    const dedupe: DedupeStore = {
      ...store,
      claim(request) {
        claims.push(request)
        return store.claim(request)
      },
    }
    const { port, close } = await target.start({
      options: { secrets: SECRET, onOutcome: (report) => reports.push(report), dedupe, ...options },
      run: (delivery) => void runs.push(delivery),
    })
    closing.push(close)
    return {
      runs,
      claims,
      send: (draft: Draft) => deliver(port, { scheme: options.scheme as WebhookScheme, ...draft }),
      async reported(): Promise<OutcomeReport> {
        while (reports.length === 0) await sleep(1)
        expect(reports).toHaveLength(1)
        return reports.shift() as OutcomeReport
      },
    }
  }
  type Bench = Awaited<ReturnType<typeof serve>>

  /** Sends a handshake, which must be answered by exactly this text. */
  async function answers(bench: Bench, draft: Draft, text: string, type: RegExp = /^text\/plain/) {
    const answer = await bench.send(draft)
    expect(answer).toMatchObject({ status: 200, text })
    expect(answer.headers['content-type']).toMatch(type)
    expect(await bench.reported()).toMatchObject({ ok: true, status: 200, code: 'handshake' })
    expect([bench.runs, bench.claims]).toEqual([[], []])
    return answer
  }

  async function refuses(bench: Bench, draft: Draft, status: number, error: string) {
    const answer = await bench.send(draft)
    expect(answer).toMatchObject({ status, json: { error } })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(await bench.reported()).toMatchObject({ ok: false, status, code: error })
    expect([bench.runs, bench.claims]).toEqual([[], []])
    return answer
  }

  async function handles(bench: Bench, draft: Draft) {
    expect(await bench.send(draft)).toMatchObject({ status: 200 })
    expect(await bench.reported()).toMatchObject({ ok: true, code: 'ok' })
    expect([bench.runs.splice(0).length, bench.claims.splice(0).length]).toEqual([1, 1])
  }

  describe('Meta', () => {
    const serveMeta = () => serve({ scheme: meta, handshake: metaHandshake({ verifyToken: VERIFY_TOKEN }) })
    const query = (token: string, challenge: string, mode = 'subscribe') =>
      `?hub.mode=${mode}&hub.challenge=${challenge}&hub.verify_token=${token}`

    it('echoes the challenge to whoever knows the verify token, as often as asked', async () => {
      const bench = await serveMeta()
      for (let times = 0; times < 2; times++) {
        const { headers } = await answers(bench, get(query(VERIFY_TOKEN, '1158201444')), '1158201444')
        expect(headers['x-content-type-options']).toBe('nosniff')
      }
      await handles(bench, {})
    })

    it.each([
      ['a wrong token', query('meatyhamhoc', '1')],
      ['a longer token', query(`${VERIFY_TOKEN}k`, '1')],
      ['an empty token', query('', '1')],
      ['no token', '?hub.mode=subscribe&hub.challenge=1'],
      ['two tokens', `${query(VERIFY_TOKEN, '1')}&hub.verify_token=x`],
      ['another mode', query(VERIFY_TOKEN, '1', 'unsubscribe')],
      ['two challenges', `${query(VERIFY_TOKEN, '1')}&hub.challenge=2`],
      ['no challenge', `?hub.mode=subscribe&hub.verify_token=${VERIFY_TOKEN}`],
      ['HTML for a challenge', query(VERIFY_TOKEN, '%3Cscript%3Ealert(1)%3C/script%3E')],
      ['a line break in a challenge', query(VERIFY_TOKEN, '1%0d%0aset-cookie:1')],
      ['a long challenge', query(VERIFY_TOKEN, 'a'.repeat(257))],
      ['a broken escape', query('%ff%zz', '1')],
      ['no query', ''],
    ])('refuses %s, and echoes nothing', async (_, search) => {
      const { text } = await refuses(await serveMeta(), get(search), 403, 'handshake_refused')
      expect(text).not.toMatch(/script|meaty|aaa|cookie/)
    })

    it('takes no other method, and no handshake for a delivery', async () => {
      const bench = await serveMeta()
      const search = query(VERIFY_TOKEN, '1')
      await refuses(bench, { ...get(search), method: 'PUT' }, 405, 'method_not_allowed')
      const unsigned = { headers: { 'x-hub-signature-256': undefined }, path: `/webhooks${search}` }
      await refuses(bench, unsigned, 401, 'missing_signature')
    })
  })

  describe('Dropbox', () => {
    const serveDropbox = () => serve({ scheme: dropbox, handshake: dropboxHandshake() })

    it('echoes a challenge as text', async () => {
      const bench = await serveDropbox()
      const { headers } = await answers(bench, get('?challenge=Zm9v-_x'), 'Zm9v-_x')
      expect(headers['x-content-type-options']).toBe('nosniff')
      await handles(bench, {})
    })

    it.each(['?challenge=%3Cb%3E', '?challenge=', '?challenge=a&challenge=b', '?x=1', `?challenge=${'a'.repeat(300)}`])(
      'refuses %s',
      async (search) => {
        await refuses(await serveDropbox(), get(search), 403, 'handshake_refused')
      },
    )
  })

  describe('Slack', () => {
    const serveSlack = () => serve({ scheme: slack, handshake: slackHandshake() })
    const verification = (challenge: unknown) => JSON.stringify({ token: 't', challenge, type: 'url_verification' })

    it('echoes a signed challenge, as often as asked', async () => {
      const bench = await serveSlack()
      const draft = { body: verification('3eZbrw1aB10F'), timestamp: Math.floor(Date.now() / 1000) }
      await answers(bench, draft, '3eZbrw1aB10F')
      await answers(bench, draft, '3eZbrw1aB10F')
      await handles(bench, { body: JSON.stringify({ type: 'event_callback', event_id: 'Ev1', challenge: 'x' }) })
    })

    it('refuses one without a valid signature', async () => {
      const bench = await serveSlack()
      const body = verification('3eZbrw1aB10F')
      await refuses(bench, { body, secrets: 'another-secret' }, 401, 'signature_mismatch')
      await refuses(bench, { body, headers: { 'x-slack-signature': undefined } }, 401, 'missing_signature')
      await refuses(bench, { body, timestamp: 1_710_000_000 }, 401, 'timestamp_outside_tolerance')
    })

    it.each([['<b>'], [''], [7], [undefined], ['a'.repeat(257)]])('refuses the challenge %j', async (challenge) => {
      await refuses(await serveSlack(), { body: verification(challenge) }, 403, 'handshake_refused')
    })

    it('has no use for a GET', async () => {
      await refuses(await serveSlack(), get('?challenge=a'), 405, 'method_not_allowed')
    })
  })

  describe('Twitch', () => {
    const serveTwitch = () => serve({ scheme: twitch, handshake: twitchHandshake() })
    const body = JSON.stringify({ challenge: 'pogchamp-kappa-360noscope-vohiyo', subscription: { id: 'f1c2a387' } })

    it('echoes a signed challenge, whatever the unsigned header says', async () => {
      const bench = await serveTwitch()
      for (const event of ['webhook_callback_verification', 'notification']) {
        await answers(bench, { body, event }, 'pogchamp-kappa-360noscope-vohiyo')
      }
    })

    it('hands out a notification, whatever the unsigned header says', async () => {
      const notification = JSON.stringify({ subscription: { id: 'f1c2a387' }, event: { challenge: 'x' } })
      await handles(await serveTwitch(), { body: notification, event: 'webhook_callback_verification' })
    })

    it('refuses one without a valid signature', async () => {
      await refuses(await serveTwitch(), { body, secrets: 'another-secret' }, 401, 'signature_mismatch')
    })
  })

  describe('Zoom', () => {
    const serveZoom = (options: Partial<Setup['options']> = {}) =>
      serve({ scheme: zoom, handshake: zoomHandshake(), ...options })
    const validation = (plainToken: unknown) =>
      JSON.stringify({ event: 'endpoint.url_validation', event_ts: 1_654_503_849_680, payload: { plainToken } })
    const plainToken = 'qgg8vlvZRS6UYooatFL8Aw'
    const encrypted = (secret: string) => JSON.stringify({ plainToken, encryptedToken: hmac(secret, plainToken) })

    it('signs the plain token of a signed request', async () => {
      const bench = await serveZoom()
      await answers(bench, { body: validation(plainToken) }, encrypted(SECRET), /^application\/json/)
      await handles(bench, { body: JSON.stringify({ event: 'meeting.started' }) })
    })

    it('signs under the secret that the request was signed with', async () => {
      const former = 'former-secret-of-zoom'
      const now = Math.floor(Date.now() / 1000)
      const bench = await serveZoom({ secrets: [{ secret: SECRET, id: 'new' }, previousSecret(former, now)] })
      await answers(bench, { body: validation(plainToken) }, encrypted(SECRET), /json/)
      await answers(bench, { body: validation(plainToken), secrets: former }, encrypted(former), /json/)
    })

    it('signs nothing for a request without a valid signature', async () => {
      const bench = await serveZoom()
      const body = validation(plainToken)
      const texts = [
        await refuses(bench, { body, secrets: 'another-secret' }, 401, 'signature_mismatch'),
        await refuses(bench, { body, headers: { 'x-zm-signature': undefined } }, 401, 'missing_signature'),
        await refuses(bench, { body, headers: { 'x-zm-signature': 'v0=' } }, 401, 'malformed_signature'),
        await refuses(bench, { body, timestamp: 1_654_503_849 }, 401, 'timestamp_outside_tolerance'),
      ].map(({ text }) => text)
      for (const text of texts) expect(text).not.toMatch(/encryptedToken|[0-9a-f]{64}/)
    })

    it.each([
      ['what a signature covers', 'v0:1654503849:{"event":"meeting.started"}'],
      ['a colon', 'a:b'],
      ['a long text', 'a'.repeat(129)],
      ['an empty text', ''],
      ['a text with a line break at its end', 'abc\n'],
      ['a number', 7],
      ['an object', {}],
      ['nothing', undefined],
    ])('does not sign %s', async (_, token) => {
      const { text } = await refuses(await serveZoom(), { body: validation(token) }, 403, 'handshake_refused')
      expect(text).not.toMatch(/[0-9a-f]{64}/)
    })
  })

  describe('Xero', () => {
    const serveXero = (options: Partial<Setup['options']> = {}) =>
      serve({ scheme: xero, handshake: xeroHandshake(), ...options })
    const intent = '{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "S0m3r4Nd0mt3xt"}'

    async function answersEmpty(bench: Bench, draft: Draft, status: number, code: string) {
      const answer = await bench.send(draft)
      expect(answer).toMatchObject({ status, text: '' })
      expect(answer.headers['content-length']).toBe('0')
      expect(await bench.reported()).toMatchObject({ status, code })
      expect(bench.runs).toEqual([])
    }

    it('answers an intent to receive by the status alone', async () => {
      const bench = await serveXero()
      await answersEmpty(bench, { body: intent }, 200, 'handshake')
      await answersEmpty(bench, { body: intent, secrets: 'another-secret' }, 401, 'signature_mismatch')
      await answersEmpty(bench, { body: intent, headers: { 'x-xero-signature': undefined } }, 401, 'missing_signature')
      await answersEmpty(bench, { body: intent, headers: { 'x-xero-signature': 'x' } }, 401, 'malformed_signature')
      expect(bench.claims).toEqual([])
    })

    it('answers duplicates and overload without a body, too', async () => {
      const bench = await serveXero()
      const draft = { body: '{"events":[{"resourceId":"717f2bfc"}]}' }
      await bench.send(draft)
      expect(await bench.reported()).toMatchObject({ code: 'ok' })
      bench.runs.splice(0)
      await answersEmpty(bench, draft, 200, 'duplicate_delivery')
    })

    it.skipIf(target.hasStatus)('answers a handled delivery without a body', async () => {
      const bench = await serveXero()
      const answer = await bench.send({ body: '{"events":[{"resourceId":"717f2bfc"}]}' })
      expect(answer).toMatchObject({ status: 200, text: '' })
      expect(answer.headers['content-type']).toBeUndefined()
    })
  })

  it('takes an error of a handshake for a fault of the application', async () => {
    const error = new Error('a mistake')
    const handshake = {
      name: 'own',
      signatureHeader: 'x-slack-signature',
      answerGet: () => {
        throw error
      },
      answerDelivery: () => Promise.reject(error),
    }
    const bench = await serve({ scheme: slack, handshake })
    for (const draft of [{}, get('')]) {
      expect(await bench.send(draft)).toMatchObject({ status: 500, json: { error: 'handler_failed' } })
      expect(await bench.reported()).toMatchObject({ code: 'handler_failed', error })
    }
  })
})
