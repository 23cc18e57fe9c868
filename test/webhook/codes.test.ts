// Every code with its status, the order of the checks, and what a message must never say.

import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookVerifier,
  type Refusal,
  type Verification,
  WEBHOOK_STATUS,
  type WebhookCode,
} from '../../src/webhook/index.ts'
import {
  clock,
  NOW,
  SCHEME_NAMES,
  type SchemeName,
  schemeOf,
  secretOf,
  send,
  signatureHeader,
  verify,
} from './support.ts'

describe('WEBHOOK_STATUS', () => {
  it('is the documented table, no more and no less', () => {
    expect(WEBHOOK_STATUS).toEqual({
      ok: 200,
      duplicate_delivery: 200,
      handshake: 200,
      invalid_timestamp: 400,
      invalid_body: 400,
      request_aborted: 400,
      missing_delivery_id: 401,
      missing_timestamp: 401,
      missing_signature: 401,
      malformed_signature: 401,
      ambiguous_header: 401,
      timestamp_outside_tolerance: 401,
      signature_mismatch: 401,
      previous_secret_expired: 401,
      handshake_refused: 403,
      method_not_allowed: 405,
      body_timeout: 408,
      delivery_id_conflict: 409,
      payload_too_large: 413,
      unsupported_content_encoding: 415,
      overloaded: 429,
      missing_secret: 500,
      body_already_parsed: 500,
      handler_failed: 500,
      delivery_in_progress: 503,
      store_unavailable: 503,
    })
  })
})

interface Failure {
  readonly code: WebhookCode
  readonly headers?: Record<string, string | undefined>
  readonly body?: unknown
  readonly secrets?: unknown
}

/** Senders differ in how large a body may be. */
const LIMIT = 262_144

/** Ways to fail each check of a scheme, in the contract's order. */
function failuresOf(name: SchemeName): Failure[] {
  const { headers, requires, signature } = schemeOf(name)
  const sign = signatureHeader(name)
  const [id, time] = [headers.deliveryId[0], headers.timestamp[0]]
  const list: Failure[] = []
  if (requires.deliveryId && id) list.push({ code: 'missing_delivery_id', headers: { [id]: undefined } })
  if (requires.timestamp && time) list.push({ code: 'missing_timestamp', headers: { [time]: undefined } })
  list.push({ code: 'missing_signature', headers: { [sign]: undefined } })
  list.push({ code: 'malformed_signature', headers: { [sign]: 'nonsense' } })
  list.push({ code: 'unsupported_content_encoding', headers: { 'content-encoding': 'gzip' } })
  list.push({ code: 'payload_too_large', body: 'x'.repeat(LIMIT + 1) })
  const timestamped = (timestamp: string): Record<string, string> =>
    signature.carriesTimestamp ? { [sign]: `t=${timestamp},v1=${'0'.repeat(64)}` } : time ? { [time]: timestamp } : {}
  if (signature.carriesTimestamp || time) {
    list.push({ code: 'invalid_timestamp', headers: timestamped('soon') })
    list.push({ code: 'timestamp_outside_tolerance', headers: timestamped('1') })
  }
  list.push({ code: 'signature_mismatch', secrets: name === 'standardWebhooks' ? 'whsec_AAAA' : 'another' })
  return list
}

function verdictOn(name: SchemeName, failures: readonly Failure[]): Verification {
  const headers: Record<string, string | undefined> = send(name)
  let body: unknown = '{}'
  let secrets: unknown = secretOf(name)
  // The earlier failure is laid on last, so that it stands where two touch the same header.
  for (const failure of [...failures].reverse()) {
    Object.assign(headers, failure.headers)
    body = failure.body ?? body
    secrets = failure.secrets ?? secrets
  }
  return verify(name, headers, body, { secrets: secrets as never, maxBodyBytes: LIMIT })
}

describe.each(SCHEME_NAMES)('%s', (name) => {
  const failures = failuresOf(name)

  it('answers each failure with its code, its status and a sentence', () => {
    for (const failure of failures) {
      const verdict = verdictOn(name, [failure])
      expect(verdict).toEqual({
        ok: false,
        status: WEBHOOK_STATUS[failure.code],
        code: failure.code,
        message: expect.stringMatching(/^[A-Z].*\.$/),
      })
    }
  })

  it('reports the earlier of any two failures', () => {
    for (let first = 0; first < failures.length; first++) {
      for (let second = first + 1; second < failures.length; second++) {
        expect(verdictOn(name, [failures[first] as Failure, failures[second] as Failure]).code).toBe(
          failures[first]?.code,
        )
      }
    }
  })

  it('reports the first of all failures, then the next of those that are left', () => {
    for (let from = 0; from < failures.length; from++) {
      expect(verdictOn(name, failures.slice(from)).code).toBe(failures[from]?.code)
    }
  })

  it('names the header that is missing', () => {
    for (const { code, headers } of failures) {
      if (!code.startsWith('missing_')) continue
      const [header] = Object.keys(headers as object)
      expect(verdictOn(name, [{ code, headers: headers as Record<string, string> }]).message).toContain(header)
    }
  })

  it('never says the secret, the signature expected, the one received, or anything of the body', () => {
    const [secret, body] = ['hidden-secret-7f3a', 'hidden-body-91c2']
    const secrets = name === 'standardWebhooks' ? `whsec_${Buffer.from(secret).toString('base64')}` : secret
    const expected = send(name, { secret: secrets, body })[signatureHeader(name)] as string
    const mac = expected.replace(/^.*?([0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/, '$1')
    for (const failure of failures) {
      const headers = { ...send(name, { body }), ...failure.headers }
      const verdict = verify(name, headers, failure.body ?? body, { secrets }) as Refusal
      const said = JSON.stringify(verdict)
      for (const hidden of [secret, secrets, body, mac, headers[signatureHeader(name)]]) {
        if (hidden !== undefined && hidden !== 'nonsense') expect(said).not.toContain(hidden)
      }
      expect(said).not.toContain('nonsense')
      expect(Object.keys(verdict).sort()).toEqual(['code', 'message', 'ok', 'status'])
    }
  })

  it('answers ambiguous_header if the signature appears twice, before reading it', () => {
    const signature = send(name)[signatureHeader(name)] as string
    const headers = { ...send(name), [signatureHeader(name)]: [signature, signature] }
    expect(verify(name, headers)).toMatchObject({ status: 401, code: 'ambiguous_header' })
  })
})

describe('the order in a receiver', () => {
  const run = (
    input: { method?: string; headers?: Record<string, string>; body?: unknown },
    secrets: unknown = 'topsecret',
  ) =>
    createWebhookReceiver({ secrets: secrets as never, now: clock }).receive(
      { headers: send('fluxora'), body: '{}', ...input } as never,
      () => {},
    )

  it('is method, headers, time, secret', async () => {
    const none = () => undefined
    const stale = send('fluxora', { timestamp: NOW - 301 })
    expect(await run({ method: 'GET', headers: {} }, none)).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
      headers: { allow: 'POST' },
    })
    expect(await run({ method: 'POST', headers: {} }, none)).toMatchObject({ code: 'missing_delivery_id' })
    expect(await run({ method: 'POST', headers: stale }, none)).toMatchObject({ code: 'timestamp_outside_tolerance' })
    expect(await run({ method: 'POST' }, none)).toMatchObject({ status: 500, code: 'missing_secret' })
    expect(await run({ method: 'POST', headers: {} })).toMatchObject({ code: 'missing_delivery_id' })
    expect(await run({ method: 'POST' })).toMatchObject({ code: 'ok' })
    expect(await run({ method: 'post' })).toMatchObject({ code: 'method_not_allowed' })
    expect(await run({ method: '' })).toMatchObject({ code: 'method_not_allowed' })
  })
})

describe('content encoding', () => {
  const check = (encoding: unknown) => verify('fluxora', { ...send('fluxora'), 'Content-Encoding': encoding }).code

  it.each(['identity', 'Identity', ' IDENTITY ', ''])('%j leaves the body as it is', (encoding) => {
    expect(check(encoding)).toBe('ok')
  })

  it.each(['gzip', 'br', 'deflate', 'zstd', 'x-gzip', 'identity, gzip', 'gzip, identity', 'nonsense', ' ', '\0'])(
    '%j does not',
    (encoding) => {
      expect(check(encoding)).toBe(encoding.trim() === '' ? check(' ') : 'unsupported_content_encoding')
    },
  )

  it('is refused if it appears twice', () => {
    expect(check(['identity', 'gzip'])).toBe('unsupported_content_encoding')
    expect(check(['gzip', 'identity'])).toBe('unsupported_content_encoding')
  })
})

describe('tolerance', () => {
  const at = (offset: number, toleranceSeconds: number) =>
    verify('fluxora', send('fluxora', { timestamp: NOW + offset }), '{}', { toleranceSeconds }).code

  it('holds its edges for every width', () => {
    for (const tolerance of [0, 1, 60, 300, 86_400]) {
      for (const sign of [1, -1]) {
        expect(at(sign * tolerance, tolerance)).toBe('ok')
        expect(at(sign * (tolerance + 1), tolerance)).toBe('timestamp_outside_tolerance')
      }
    }
  })

  it('says how far off the clock is, and which way', () => {
    const message = (offset: number) => verify('fluxora', send('fluxora', { timestamp: NOW + offset })).message
    expect(message(-400)).toMatch(/400 seconds old.*300/)
    expect(message(400)).toMatch(/400 seconds ahead.*300/)
  })

  it('counts in whole seconds, whatever the clock gives', () => {
    const late = createWebhookVerifier({ secrets: 'topsecret', now: () => NOW + 300.999 })
    expect(late.verify({ headers: send('fluxora'), body: '{}' }).code).toBe('ok')
  })
})
