// The body: the bytes received and nothing else, in every form that bytes come in; and what the verified delivery offers of it.

import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  isWebhookError,
  type VerifiedDelivery,
  verifyWebhookSignature,
} from '../../src/webhook/index.ts'
import { clock, NOW, send, thrownBy, verify } from './support.ts'

const all = Uint8Array.from({ length: 256 }, (_, at) => at)

function deliver(body: string | Uint8Array): VerifiedDelivery {
  const verdict = verify('fluxora', send('fluxora', { body }), body)
  if (!verdict.ok) throw new Error(verdict.code)
  return verdict.delivery
}

/** The three ways in: none of them may throw, all must agree. */
async function codesOf(body: unknown, signed: string | Uint8Array = ''): Promise<string[]> {
  const headers = send('fluxora', { body: signed })
  const contract = verifyWebhookSignature({
    secret: 'topsecret',
    deliveryId: 'd1',
    timestamp: headers['x-fluxora-timestamp'],
    signature: headers['x-fluxora-signature'],
    rawBody: body as never,
    now: NOW,
  })
  const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
  const outcome = await receiver.receive({ headers, body: body as never }, () => {})
  const verdict = createWebhookVerifier({ secrets: 'topsecret', now: clock }).verify({ headers, body: body as never })
  return [verdict.code, contract.code, outcome.code]
}
const three = (code: string): string[] => [code, code, code]

describe('bytes', () => {
  const shared = new SharedArrayBuffer(256)
  new Uint8Array(shared).set(all)

  it.each([
    ['a Uint8Array', all],
    ['a Buffer', Buffer.from(all)],
    ['a piece of a larger Buffer', Buffer.concat([Buffer.alloc(7), all, Buffer.alloc(9)]).subarray(7, 263)],
    ['an ArrayBuffer', all.slice().buffer],
    ['a DataView', new DataView(all.slice().buffer)],
    ['an Int8Array', new Int8Array(all.slice().buffer)],
    ['a Uint8ClampedArray', new Uint8ClampedArray(all)],
    ['a Float64Array', new Float64Array(all.slice().buffer)],
    ['a BigUint64Array', new BigUint64Array(all.slice().buffer)],
    ['shared memory', new Uint8Array(shared)],
    ['a Buffer over shared memory', Buffer.from(shared)],
    ['bytes of another realm', runInNewContext('Uint8Array.from({ length: 256 }, (_, at) => at)')],
    ['a buffer that can be resized', resizable()],
  ])('%s is taken as it is', async (_, body) => {
    expect(await codesOf(body, all)).toEqual(three('ok'))
    const verdict = verify('fluxora', send('fluxora', { body: all }), body)
    expect(verdict.ok && Buffer.from(verdict.delivery.body)).toEqual(Buffer.from(all))
  })

  function resizable(): Uint8Array {
    const make = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer
    const bytes = new Uint8Array(new make(256, { maxByteLength: 512 }))
    bytes.set(all)
    return bytes
  }

  it('in shared memory are copied, so no other thread can change them after the check', () => {
    for (const body of [new Uint8Array(shared), Buffer.from(shared), new DataView(shared as never)]) {
      const verdict = verify('fluxora', send('fluxora', { body: all }), body)
      if (!verdict.ok) throw new Error(verdict.code)
      new Uint8Array(shared)[0] = 99
      expect(verdict.delivery.body[0]).toBe(0)
      new Uint8Array(shared)[0] = 0
    }
  })

  it('of one process are not copied', () => {
    const body = Buffer.from('{}')
    const verdict = verify('fluxora', send('fluxora'), body)
    expect(verdict.ok && verdict.delivery.body).toBe(body)
  })
})

describe('text', () => {
  it.each(['', '{}', 'é€😀', '\ufeff{}', 'a\r\nb', '\0', '\u2028', 'x'.repeat(10_000)])(
    '%j is its UTF-8',
    async (body) => {
      expect(await codesOf(body, body)).toEqual(three('ok'))
      expect(Buffer.from(deliver(body).body).toString()).toBe(body)
    },
  )

  it.each(['\ud800', '\udc00', 'a\ud800b', '\udc00\ud800', '{"a":"\udfff"}'])('%j has no UTF-8', async (body) => {
    expect(await codesOf(body)).toEqual(three('invalid_body'))
    expect(await codesOf(body, '\ufffd')).toEqual(three('invalid_body'))
  })

  it('a line break at the end matters, and so does its kind', () => {
    expect(verify('fluxora', send('fluxora', { body: '{}\n' }), '{}').code).toBe('signature_mismatch')
    expect(verify('fluxora', send('fluxora', { body: '{}\n' }), '{}\r\n').code).toBe('signature_mismatch')
  })
})

describe('what is no longer bytes', () => {
  const detached = () => {
    const buffer = new ArrayBuffer(8)
    structuredClone(buffer, { transfer: [buffer] })
    return buffer
  }
  const detachedView = () => {
    const view = new DataView(new ArrayBuffer(8))
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] })
    return view
  }
  const throwing = () => {
    throw new Error('hostile')
  }
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['NaN', Number.NaN],
    ['a bigint', 7n],
    ['true', true],
    ['a symbol', Symbol('s')],
    ['an object', { event: 'x' }],
    ['an empty object', {}],
    ['a list', [1, 2, 3]],
    ['an empty list', []],
    ['a String object', new String('{}')],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a Blob', new Blob(['{}'])],
    ['a buffer written out as JSON', JSON.parse(JSON.stringify(Buffer.from('{}')))],
    ['a promise', Promise.resolve('{}')],
    ['an object that wants to be a list of bytes', { length: 2, 0: 1, 1: 2 }],
    ['a proxy over bytes', new Proxy(all, { get: (bytes, name) => Reflect.get(bytes, name) })],
    ['an object that inherits from Uint8Array', Object.create(Uint8Array.prototype, { buffer: { value: all.buffer } })],
    ['an object whose properties throw', Object.defineProperty({}, 'ok', { get: throwing })],
    [
      'a proxy that throws',
      new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing }),
    ],
    ['a revoked proxy', revoked.proxy],
    ['a buffer that was transferred away', detached()],
    ['a view of a buffer that was transferred away', detachedView()],
    ['shared memory without a view', new SharedArrayBuffer(8)],
    ['a body that looks like an outcome', { ok: false, status: 200, code: 'ok', message: 'let in' }],
    ['a body that looks like a verdict', { ok: true, status: 200, code: 'ok', message: 'let in', delivery: {} }],
  ])('%s: body_already_parsed, 500', async (_, body) => {
    expect(await codesOf(body)).toEqual(three('body_already_parsed'))
  })

  it('a parsed body that looks like an outcome does not choose the answer', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    const body = { ok: false, status: 200, code: 'ok', message: 'chosen by the sender' }
    const outcome = await receiver.receive({ headers: send('fluxora'), body: body as never }, () => {})
    expect(outcome).toMatchObject({ ok: false, status: 500, code: 'body_already_parsed' })
    expect(outcome.message).not.toContain('chosen')
  })

  it('says how to fix it', () => {
    expect(verify('fluxora', send('fluxora'), {}).message).toMatch(/raw bytes.*before any body parser/)
  })

  it('functions are bodies for a receiver only', () => {
    expect(verify('fluxora', send('fluxora'), () => '{}').code).toBe('body_already_parsed')
  })
})

describe('the size', () => {
  it('is counted in bytes, inclusive', () => {
    const check = (body: unknown, maxBodyBytes: number) =>
      verify('fluxora', send('fluxora', { body: body as string }), body, { maxBodyBytes }).code
    expect(check('éé', 4)).toBe('ok')
    expect(check('éé', 3)).toBe('payload_too_large')
    expect(check(Buffer.from('éé'), 4)).toBe('ok')
    expect(check(Buffer.from('éé'), 3)).toBe('payload_too_large')
    expect(check('', 0)).toBe('ok')
    expect(check('a', 0)).toBe('payload_too_large')
  })

  it('comes before the form of a text', () => {
    expect(verify('fluxora', send('fluxora'), '\ud800'.repeat(10), { maxBodyBytes: 5 }).code).toBe('payload_too_large')
    expect(verify('fluxora', send('fluxora'), '\ud800', { maxBodyBytes: 5 }).code).toBe('invalid_body')
  })

  it('names the limit', () => {
    expect(verify('fluxora', send('fluxora'), 'xxx', { maxBodyBytes: 2 }).message).toContain('2 bytes')
  })
})

describe('a verified delivery', () => {
  it('gives its text and its JSON, parsed once and only when asked', () => {
    const delivery = deliver('{"amount":"1.5"}')
    expect(delivery.text()).toBe('{"amount":"1.5"}')
    expect(delivery.json()).toEqual({ amount: '1.5' })
    expect(delivery.json()).toBe(delivery.json())
  })

  it('gives JSON that is false, null or zero', () => {
    for (const text of ['false', 'null', '0', '""']) expect(deliver(text).json()).toBe(JSON.parse(text))
  })

  it('keeps a byte order mark in the text and skips it in the JSON', () => {
    const delivery = deliver(Buffer.from('\ufeff{"a":1}'))
    expect(delivery.text()).toBe('\ufeff{"a":1}')
    expect(delivery.json()).toEqual({ a: 1 })
    expect(thrownBy(() => deliver('\ufeff\ufeff{}').json())).toMatchObject({ code: 'invalid_body' })
  })

  it.each([
    ['no JSON', 'topsecret-body {', 'json'],
    ['nothing', '', 'json'],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe]), 'text'],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe]), 'json'],
    ['an overlong form', new Uint8Array([0xc0, 0x80]), 'text'],
    ['half a letter', new Uint8Array([0xe2, 0x82]), 'text'],
    ['a surrogate in UTF-8', new Uint8Array([0xed, 0xa0, 0x80]), 'text'],
  ] as const)('with %s throws a WebhookError that quotes nothing of it', (_, body, method) => {
    const error = thrownBy(() => deliver(body)[method]())
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_body' })
    expect(String((error as Error).stack)).not.toContain('topsecret-body')
    expect((error as Error).cause).toBeUndefined()
  })

  it.each<[string, string | Uint8Array]>([
    ['The body is empty, not JSON.', ''],
    ['The body is empty, not JSON.', '\ufeff'],
    ['The body is blank, not JSON.', ' \r\n\t'],
    ['The body is blank, not JSON.', '\ufeff\n'],
    ['The body looks like a form (application/x-www-form-urlencoded), not JSON.', 'payload=%7B%22a%22%3A1%7D'],
    ['The body looks like a form (application/x-www-form-urlencoded), not JSON.', 'a=1&b=hidden+text&c='],
    ['The body looks like a form (application/x-www-form-urlencoded), not JSON.', 'user[name]=x&user%5Bage%5D=5'],
    [
      'The body looks like a form (multipart/form-data), not JSON.',
      '--hidden\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    ],
    ['The body looks like XML or HTML, not JSON.', '<?xml version="1.0"?><hidden/>'],
    ['The body looks like XML or HTML, not JSON.', '\ufeff\n<!doctype html>'],
    ['The body is not JSON.', '{"hidden":'],
    ['The body is not JSON.', 'hidden text = other text'],
    ['The body is not JSON.', "{'hidden': 1}"],
    ['The body is not JSON.', '=hidden'],
    ['The body is not JSON.', 'undefined'],
    ['The body is not JSON.', '[object Object]'],
    ['The body is not JSON.', '-- hidden'],
    ['The body is not UTF-8 text.', new Uint8Array([0x1f, 0x8b, 8, 0])],
  ])('says what it found where that is no JSON, and quotes nothing of it: %s', (message, body) => {
    const error = thrownBy(() => deliver(body).json()) as Error
    expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_body', message })
    expect(inspect(error, { showHidden: true })).not.toContain('hidden')
  })

  it('does not let JSON reach a prototype', () => {
    const value = deliver('{"__proto__":{"polluted":true}}').json<Record<string, unknown>>()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('is not parsed by verifying: bytes of any kind pass', () => {
    for (const body of [all, new Uint8Array([0xff]), '{', '<xml/>']) expect(deliver(body).scheme).toBe('fluxora')
  })

  it('shows no header, secret or body when it is printed', () => {
    const text = JSON.stringify({ ...deliver('{}'), body: undefined })
    expect(text).toBe(`{"scheme":"fluxora","deliveryId":"d1","timestamp":${NOW}}`)
  })
})

describe('a signer', () => {
  it.each([
    ['text', '{"é":1}'],
    ['bytes', all],
    ['nothing', ''],
  ])('signs %s so that it verifies', (_, body) => {
    const options = { secrets: 'topsecret', now: clock }
    const headers = createWebhookSigner(options).sign({ body: body as never })
    expect(createWebhookVerifier(options).verify({ headers, body: body as never }).code).toBe('ok')
  })
})
