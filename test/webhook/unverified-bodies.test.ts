// What an unsigned body may cost: nothing of it is read that the signature does not need.

import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import { createWebhookVerifier, type WebhookScheme } from '../../src/webhook/index.ts'
import { defineScheme, hex, linear, singleSignature, twilio } from '../../src/webhook/schemes/index.ts'
import { NOW } from './support.ts'

const secret = 'topsecret'
const by = (hash: string, text: string, form: 'hex' | 'base64') => createHmac(hash, secret).update(text).digest(form)

interface Input {
  readonly headers: Record<string, string>
  readonly body: string
  readonly url?: string
}

/** The codes of both engines. */
async function codesOf(scheme: WebhookScheme, input: Input): Promise<string[]> {
  const options = { scheme, secrets: secret, now: () => NOW }
  const verdict = createWebhookVerifier(options).verify(input)
  return [verdict.code, (await createAsyncWebhookVerifier(options).verify(input)).code]
}

afterEach(() => vi.restoreAllMocks())

describe('a body that holds the timestamp, and is signed as a whole', () => {
  const signed = (body: string): Input => ({ headers: { 'linear-signature': by('sha256', body, 'hex') }, body })
  const fresh = `{"webhookTimestamp":${NOW * 1000}}`

  it('is not parsed before its signature is known to be good', async () => {
    const parse = vi.spyOn(JSON, 'parse')
    const forged = { headers: { 'linear-signature': '00'.repeat(32) }, body: fresh }
    expect(await codesOf(linear, forged)).toEqual(['signature_mismatch', 'signature_mismatch'])
    expect(parse).not.toHaveBeenCalled()
    expect(await codesOf(linear, signed(fresh))).toEqual(['ok', 'ok'])
    expect(parse).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['{}', 'missing_timestamp'],
    ['not JSON', 'missing_timestamp'],
    ['{"webhookTimestamp":"soon"}', 'invalid_timestamp'],
    [`{"webhookTimestamp":${NOW * 1000 - 301_000}}`, 'timestamp_outside_tolerance'],
  ])('is judged by what it says only then: %s', async (body, code) => {
    expect(await codesOf(linear, signed(body))).toEqual([code, code])
    const forged = { ...signed(`${body} `), body }
    expect(await codesOf(linear, forged)).toEqual(['signature_mismatch', 'signature_mismatch'])
  })

  it('gives its timestamp, and the secret that matched', () => {
    const secrets = [
      { secret: 'other', id: 'one' },
      { secret, id: 'two' },
    ]
    const verdict = createWebhookVerifier({ scheme: linear, secrets, now: () => NOW }).verify(signed(fresh))
    expect(verdict).toMatchObject({ ok: true, delivery: { scheme: 'linear', timestamp: NOW, keyId: 'two' } })
  })
})

describe('a form', () => {
  const url = 'https://example.com/calls'
  const formOf = (count: number): Input => {
    const names = Array.from({ length: count }, (_, index) => `f${String(index).padStart(5, '0')}`)
    const text = url + names.map((name) => `${name}1`).join('')
    const headers = { 'x-twilio-signature': by('sha1', text, 'base64') }
    return { headers, body: names.map((name) => `${name}=1`).join('&'), url }
  }

  it('may have 1,000 fields, and is not sorted if it has more', async () => {
    expect(await codesOf(twilio, formOf(1_000))).toEqual(['ok', 'ok'])
    const sort = vi.spyOn(Array.prototype, 'sort')
    expect(await codesOf(twilio, formOf(1_001))).toEqual(['invalid_body', 'invalid_body'])
    expect(sort).not.toHaveBeenCalled()
  })
})

it('a body that is signed field by field is parsed once', () => {
  const scheme = defineScheme({
    name: 'fields',
    headers: { signature: 'x-signature' },
    signed: [{ bodyField: '/a' }, '.', { bodyField: '/b' }, '.', { bodyField: '/c' }],
    signature: singleSignature({ encoding: hex }),
  })
  const parse = vi.spyOn(JSON, 'parse')
  const input = { headers: { 'x-signature': by('sha256', '1.2.3', 'hex') }, body: '{"a":1,"b":2,"c":3}' }
  expect(createWebhookVerifier({ scheme, secrets: secret }).verify(input).code).toBe('ok')
  expect(parse).toHaveBeenCalledTimes(1)
})
