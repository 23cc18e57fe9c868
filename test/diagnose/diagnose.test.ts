// What the corpus does not show: options, verdicts, bounds, several faults of the configuration, other senders.

import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type DiagnoseInput, type Diagnosis, diagnoseDelivery } from '../../src/diagnose/index.ts'
import { discord, fluxora, github, standardWebhooks, stripe, twilio } from '../../src/webhook/schemes/index.ts'

const NOW = 1_710_000_000
const BODY = '{"amount":"1.50"}'

const mac = (content: string, secret = 'topsecret'): string =>
  createHmac('sha256', secret).update(content).digest('hex')

const ofGithub = (more: Partial<DiagnoseInput> = {}): DiagnoseInput => ({
  scheme: github,
  secrets: 'topsecret',
  headers: { 'x-hub-signature-256': `sha256=${mac(BODY)}` },
  body: BODY,
  now: NOW,
  ...more,
})

const codes = ({ findings }: Diagnosis) => findings.map(({ certainty, code }) => `${certainty} ${code}`)

describe('the verdict', () => {
  it('is ok for a genuine delivery, which has no findings', async () => {
    const { verdict, findings, excluded } = await diagnoseDelivery(ofGithub())
    expect(verdict).toMatchObject({ ok: true, code: 'ok' })
    expect(findings).toEqual([])
    expect(excluded).toEqual({ transformations: 0, secrets: 1, schemes: 1, hashedBytes: 1024, complete: true })
  })

  it('is that of the secrets that can be used, and never of others', async () => {
    const mixed = await diagnoseDelivery(ofGithub({ secrets: ['blank\n', 'topsecret'] }))
    expect(mixed.verdict.code).toBe('ok')
    const others = await diagnoseDelivery(ofGithub({ secrets: 'wrong', otherSecrets: ['topsecret'] }))
    expect(others.verdict.code).toBe('signature_mismatch')
    expect(others.findings).toMatchObject([{ code: 'secret_other', secretId: 'otherSecrets[0]' }])
  })

  it.each([
    ['missing_secret', { secrets: undefined }],
    ['missing_secret', { secrets: [] }],
    ['missing_secret', { secrets: 'topsecret ' }],
    ['missing_signature', { headers: {} }],
    ['malformed_signature', { headers: { 'x-hub-signature-256': 'sha1=00' } }],
    ['body_already_parsed', { body: { amount: '1.50' } as never }],
    ['invalid_body', { body: '\ud800' }],
  ])('%s', async (code, more) => {
    expect((await diagnoseDelivery(ofGithub(more))).verdict).toMatchObject({ ok: false, code })
  })

  it('knows no limit on bodies but the budget', async () => {
    const body = 'x'.repeat(1_048_577)
    const headers = { 'x-hub-signature-256': `sha256=${mac(body)}` }
    expect((await diagnoseDelivery(ofGithub({ body, headers }))).verdict.code).toBe('ok')
    const small = await diagnoseDelivery(ofGithub({ body, headers, maxHashedBytes: 1024 }))
    expect(small).toMatchObject({ verdict: { ok: false, message: expect.stringContaining('maxHashedBytes') } })
    expect(small.excluded).toMatchObject({ hashedBytes: 0, complete: false })
  })
})

describe('options', () => {
  it.each([
    ['invalid_option', { secret: 'topsecret' }],
    ['invalid_option', { maxHashedBytes: 0 }],
    ['invalid_option', { maxHashedBytes: Number.NaN }],
    ['invalid_option', { now: Number.NaN }],
    ['invalid_option', { now: NOW * 1000 }],
    ['invalid_option', { now: 'today' }],
    ['invalid_option', { url: new URL('https://example.com') }],
    ['invalid_option', { schemes: github }],
    ['invalid_option', { secrets: { secret: 'a', name: 'b' } }],
    ['invalid_option', { toleranceSeconds: -1 }],
    ['invalid_scheme', { scheme: 'github' }],
    ['invalid_scheme', { schemes: ['github'] }],
    ['invalid_input', { scheme: twilio, headers: { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' } }],
  ])('%s: %o', async (code, more) => {
    await expect(diagnoseDelivery(ofGithub(more as never))).rejects.toMatchObject({ name: 'WebhookError', code })
  })

  it('have no more than ten thousand secrets', async () => {
    const many = new Array<string>(10_001).fill('a')
    for (const more of [{ secrets: many }, { otherSecrets: many }]) {
      await expect(diagnoseDelivery(ofGithub(more))).rejects.toMatchObject({ code: 'invalid_option' })
    }
  })

  it('rejects what is no object', async () => {
    for (const input of [undefined, null, 1]) {
      await expect(diagnoseDelivery(input as never)).rejects.toMatchObject({ code: 'invalid_option' })
    }
  })

  it('takes a clock, and headers that can be read only once', async () => {
    const headers = new Headers({ 'x-hub-signature-256': `sha256=${mac(`${BODY}\n`)}` }).entries()
    const diagnosis = await diagnoseDelivery(ofGithub({ headers, now: () => NOW }))
    expect(codes(diagnosis)).toEqual(['proven body_newline'])
  })

  it('finds the scheme among those given, and is fluxora without any', async () => {
    const { scheme: _, ...rest } = ofGithub()
    expect((await diagnoseDelivery({ ...rest, schemes: [stripe, github] })).verdict.code).toBe('ok')
    const unknown = await diagnoseDelivery(rest)
    expect(unknown.verdict.code).toBe('missing_delivery_id')
    expect(codes(unknown)).toEqual(['proven scheme_other'])
    expect(unknown.findings[0]?.transformation).toEqual(['scheme: github'])
  })
})

describe('secrets', () => {
  it('are named by their id or their place', async () => {
    const headers = { 'x-hub-signature-256': `sha256=${mac(BODY, 'third')}` }
    const secrets = ['first', { secret: 'second', id: 'two' }, '"third"']
    expect((await diagnoseDelivery(ofGithub({ headers, secrets }))).findings).toMatchObject([
      { code: 'secret_quoted', secretId: 'secrets[2]', transformation: ['secret: quotation marks removed'] },
    ])
  })

  it('that cannot be used are told of, without their text', async () => {
    const diagnosis = await diagnoseDelivery(ofGithub({ secrets: ['', undefined, ' unfindable '] }))
    expect(codes(diagnosis)).toEqual(['fact secret_unusable', 'fact secret_unusable', 'fact secret_unusable'])
    expect(JSON.stringify(diagnosis)).not.toContain('unfindable')
  })

  it('that are bytes may be a text as well', async () => {
    const secrets = Buffer.from('topsecret\n')
    expect(codes(await diagnoseDelivery(ofGithub({ secrets })))).toEqual(['proven secret_whitespace'])
    const headers = { 'x-hub-signature-256': `sha256=${mac(BODY, '00ff10')}` }
    const bytes = Uint8Array.of(0, 255, 16)
    expect(codes(await diagnoseDelivery(ofGithub({ secrets: bytes, headers })))).toEqual(['proven secret_derivation'])
  })

  it.each([
    'changeme',
    'https://example.com',
    'sk_live_0123456789',
    'eyJhbGciOiJIUzI1NiJ9.e30.x',
    'whsk_x',
    '<your-secret>',
  ])('that do not look like one are a hint: %s', async (secrets) => {
    const diagnosis = await diagnoseDelivery(
      ofGithub({ secrets, headers: { 'x-hub-signature-256': `sha256=${mac('')}0` } }),
    )
    expect(codes(diagnosis).some((code) => code.endsWith('secret_unusable'))).toBe(true)
  })
})

describe('public keys', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)

  it('check bodies as they may have been', async () => {
    const signature = sign(null, Buffer.from(`${NOW}${BODY}\n`), privateKey).toString('hex')
    const headers = { 'x-signature-ed25519': signature, 'x-signature-timestamp': String(NOW) }
    const input = { scheme: discord, secrets: raw.toString('hex'), headers, body: BODY, now: NOW }
    expect(codes(await diagnoseDelivery(input))).toEqual(['proven body_newline'])
    const late = { ...input, body: `${BODY}\n`, now: NOW + 1000 }
    expect(codes(await diagnoseDelivery(late))).toEqual(['fact clock_skew'])
  })

  it('are missing where only they could check', async () => {
    const signature = sign(null, Buffer.from(`m.${NOW}.${BODY}`), privateKey).toString('base64')
    const headers = { 'webhook-id': 'm', 'webhook-timestamp': String(NOW), 'webhook-signature': `v1a,${signature}` }
    const secrets = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const input = { scheme: standardWebhooks, secrets, headers, body: BODY, now: NOW }
    expect(codes(await diagnoseDelivery(input))).toEqual(['fact key_kind'])
    const otherSecrets = [{ secret: `whpk_${raw.toString('base64')}`, id: 'public' }]
    const found = await diagnoseDelivery({ ...input, otherSecrets })
    expect(found.findings).toMatchObject([{ code: 'secret_other', secretId: 'public' }, { code: 'key_kind' }])
  })
})

// Tens of thousands of signatures take a while on a busy machine.
describe('bounds', { timeout: 180_000 }, () => {
  const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }

  it('hold for thousands of secrets and an empty body', async () => {
    const secrets = Array.from({ length: 2000 }, (_, at) => `secret ${at}`)
    const { excluded } = await diagnoseDelivery(ofGithub({ secrets, headers: wrong, body: '' }))
    expect(excluded.hashedBytes).toBeLessThanOrEqual(67_108_864)
    expect(excluded).toMatchObject({ secrets: 2000, complete: false })
  })

  it('hold for a megabyte of JSON and 200 secrets', async () => {
    const secrets = Array.from({ length: 200 }, (_, at) => `secret ${at}`)
    const body = JSON.stringify({ text: 'é<>/'.repeat(180_000) }).slice(0, 1_000_000)
    const { excluded } = await diagnoseDelivery(ofGithub({ secrets, headers: wrong, body }))
    expect(excluded.hashedBytes).toBeLessThanOrEqual(67_108_864)
    expect(excluded.complete).toBe(false)
  })

  it.each([
    ['brackets', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['open brackets', '['.repeat(200_000)],
    ['nested objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['quotation marks', '"'.repeat(200_001)],
    ['backslashes', `"${'\\\\'.repeat(100_000)}"`],
    ['a member many times', `{${'"body":"x",'.repeat(20_000)}"body":1}`],
    ['ids', `{${'"id":"x",'.repeat(20_000)}"id":1}`],
    ['percent signs', `a=${'%25'.repeat(60_000)}`],
  ])('hold for %s', async (_name, body) => {
    const diagnosis = await diagnoseDelivery(ofGithub({ headers: wrong, body, maxHashedBytes: 2_000_000 }))
    expect(diagnosis.verdict.code).toBe('signature_mismatch')
  })

  it('hold for a secret that is a whole file: what it costs to hash is counted, and it is not taken apart', async () => {
    const secrets = [{ secret: 'x'.repeat(1_000_000), id: 'file' }]
    const { findings, excluded } = await diagnoseDelivery(ofGithub({ secrets, maxHashedBytes: 4_194_304 }))
    expect(excluded).toMatchObject({ complete: false, transformations: expect.toSatisfy((count) => count <= 5) })
    expect(excluded.hashedBytes).toBeGreaterThan(4_000_000)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'secret_unusable', secretId: 'file' }))
    const bytes = await diagnoseDelivery(ofGithub({ secrets: Buffer.alloc(1_000_000, 255), maxHashedBytes: 4_194_304 }))
    expect(bytes.findings.map(({ code }) => code)).toContain('secret_unusable')
  })

  it('hold for a body that names one member again and again', async () => {
    const withMembers = (count: number) => {
      const body = `{${Array.from({ length: count }, (_, at) => `"raw":"${at}"`).join()}}`
      return diagnoseDelivery(ofGithub({ secrets: 'wrong', body }))
    }
    const [some, many] = [await withMembers(17), await withMembers(30)]
    expect(many.excluded.hashedBytes).toBe(some.excluded.hashedBytes)
  })

  it('hold for a header of any length', async () => {
    for (const text of [`sha256=${'0'.repeat(100_000)}`, 'a=,'.repeat(1300), ', '.repeat(2000), '%'.repeat(4000)]) {
      const { verdict } = await diagnoseDelivery(ofGithub({ headers: { 'x-hub-signature-256': text } }))
      expect(['malformed_signature', 'ambiguous_header']).toContain(verdict.code)
    }
  })
})

it('says what was excluded where nothing matches', async () => {
  const headers = { 'x-hub-signature-256': `sha256=${mac('something else')}` }
  const diagnosis = await diagnoseDelivery(ofGithub({ headers, body: '"text"', secrets: ['one', 'two'] }))
  expect(codes(diagnosis)).toEqual(['fact nothing_matches'])
  expect(diagnosis.excluded).toMatchObject({ secrets: 2, complete: true })
  expect(diagnosis.excluded.transformations).toBeGreaterThan(25)
})

it('leads to the runbook', async () => {
  const { findings } = await diagnoseDelivery(ofGithub({ secrets: '"topsecret"' }))
  expect(findings[0]?.fix).toMatch(/docs\/runbook\.md#secret_quoted$/)
})

it('names a header that stands under another name', async () => {
  const headers = {
    'x-fluxora-delivery-id': 'a',
    'x-fluxora-timestamp': String(NOW),
    x_fluxora_signature: mac(`${NOW}.${BODY}`),
  }
  const { findings } = await diagnoseDelivery({ scheme: fluxora, secrets: 'topsecret', headers, body: BODY, now: NOW })
  expect(findings).toMatchObject([
    { code: 'header_missing', message: expect.stringContaining('There is x_fluxora_signature instead.') },
  ])
})
