// Headers from every kind of bag: any case, duplicates refused, hostile names and objects, and what the delivery keeps of them.

import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookVerifier,
  defineScheme,
  type VerifiedDelivery,
} from '../../src/webhook/index.ts'
import { hex, singleSignature } from '../../src/webhook/schemes/index.ts'
import { clock, hmac, SCHEME_NAMES, type SchemeName, send, signatureHeader, thrownBy, verify } from './support.ts'

type Pairs = [string, string][]

const flat = (pairs: Pairs): string[] => pairs.flat()
const titled = (pairs: Pairs): Pairs =>
  pairs.map(([name, value]) => [name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()), value])
const shouted = (pairs: Pairs): Pairs => pairs.map(([name, value]) => [name.toUpperCase(), value])

/** Every kind of bag that the documentation names, made of the same pairs. */
const bags: [string, (pairs: Pairs) => unknown][] = [
  ['a Node header object', (pairs) => Object.fromEntries(pairs)],
  ['a Node header object with arrays', (pairs) => Object.fromEntries(pairs.map(([name, value]) => [name, [value]]))],
  ['an object without a prototype', (pairs) => Object.assign(Object.create(null), Object.fromEntries(pairs))],
  ['Fetch Headers', (pairs) => new Headers(pairs)],
  ['a Map', (pairs) => new Map(pairs)],
  ['a Map of another realm', (pairs) => runInNewContext('new Map(pairs)', { pairs })],
  ['pairs', (pairs) => pairs],
  ['pairs with arrays', (pairs) => pairs.map(([name, value]) => [name, [value]])],
  ['rawHeaders', flat],
  ['a Set of pairs', (pairs) => new Set(pairs)],
  ['the entries of a Map, which can be read once', (pairs) => new Map(pairs).entries()],
  ['the entries of Headers, which can be read once', (pairs) => new Headers(pairs).entries()],
  [
    'a generator of pairs',
    function* (pairs) {
      yield* pairs
    },
  ],
]

describe('arrays that claim to be billions long', () => {
  const long = (...first: string[]) => Object.assign(first, { length: 2 ** 32 - 1 })

  it('are not walked to their end: flat headers cannot be read, a header of many values is ambiguous', () => {
    const headers = send('fluxora')
    expect(verify('fluxora', long(...Object.entries(headers).flat())).code).toBe('ambiguous_header')
    const name = 'x-fluxora-signature'
    expect(verify('fluxora', { ...headers, [name]: long(headers[name] as string, 'b') }).code).toBe('ambiguous_header')
    expect(verify('fluxora', { ...headers, [name]: long() }).code).toBe('missing_signature')
  })

  it('are read up to 10,000 headers, in either form, and not beyond', () => {
    const own = Object.entries(send('fluxora'))
    const pairs = (count: number) => [
      ...own,
      ...Array.from({ length: count - own.length }, (): [string, string] => ['a', 'b']),
    ]
    for (const make of [(list: Pairs) => list.flat(), (list: Pairs) => new Set(list), (list: Pairs) => list.values()]) {
      expect(verify('fluxora', make(pairs(10_000))).code).toBe('ok')
      expect(verify('fluxora', make(pairs(10_001))).code).toBe('ambiguous_header')
    }
  })

  it('may hold values that are not names', () => {
    const flat = Object.entries(send('fluxora')).flat()
    for (const name of [null, undefined, 3, Object.assign([], { length: 'x-fluxora-signature'.length })]) {
      expect(verify('fluxora', [...flat, name, 'b']).code).toBe('ok')
    }
    expect(verify('fluxora', [...flat, 'x-fluxora-signature']).code).toBe('ok')
  })

  it('as long as a server allows are read', () => {
    const many = Array.from({ length: 2000 }, (_, i) => [`x-${i}`, 'y']).flat()
    expect(verify('fluxora', [...many, ...Object.entries(send('fluxora')).flat()]).code).toBe('ok')
  })
})

describe.each(bags)('%s', (label, make) => {
  it.each(SCHEME_NAMES)('is read for %s, in any case', (name) => {
    const pairs: Pairs = [['Host', 'example.com'], ...Object.entries(send(name)), ['x-request-id', 'r-1']]
    for (const write of [(same: Pairs) => same, titled, shouted]) {
      const verdict = verify(name, make(write(pairs)))
      expect(verdict.code).toBe('ok')
      if (!verdict.ok) continue
      expect(verdict.delivery.headers).toMatchObject({ ...send(name), host: 'example.com', 'x-request-id': 'r-1' })
      expect(verdict.delivery.headers).toBe(verdict.delivery.headers)
      expect(Object.isFrozen(verdict.delivery.headers)).toBe(true)
      expect(Object.getPrototypeOf(verdict.delivery.headers)).toBeNull()
    }
  })

  it('is read by a receiver whose tenant depends on it', async () => {
    const pairs: Pairs = [...Object.entries(send('fluxora')), ['x-merchant', 'm1']]
    const seen: unknown[] = []
    const receiver = createWebhookReceiver({
      now: clock,
      tenant: ({ headers }) => {
        seen.push(headers['x-merchant'])
        return { namespace: 'm1', secrets: 'topsecret' }
      },
    })
    let delivery: VerifiedDelivery | undefined
    const outcome = await receiver.receive({ headers: make(pairs) as never, body: '{}' }, (each) => {
      delivery = each
    })
    expect(outcome.code).toBe('ok')
    expect(seen).toEqual(['m1'])
    expect(delivery?.headers['x-merchant']).toBe('m1')
  })

  it('may be empty', () => {
    expect(verify('fluxora', make([])).code).toBe('missing_delivery_id')
    expect(verify('github', make([])).code).toBe('missing_signature')
  })

  if (label.startsWith('a Node header object') || label.startsWith('an object')) return
  it.each(SCHEME_NAMES)('with a security header twice is refused for %s', (name) => {
    const pairs = Object.entries(send(name)) as Pairs
    for (const [header, value] of pairs) {
      if (label.includes('Map')) continue
      for (const again of [value, 'other']) {
        const verdict = verify(name, make([...pairs, [header, again]]))
        // If a transport joined the two, the value is either two of the form or of no form at all.
        const codes = label.includes('Headers')
          ? ['ambiguous_header', 'malformed_signature', 'invalid_timestamp']
          : ['ambiguous_header']
        expect(codes).toContain(verdict.code)
        if (again === value) expect(verdict.code).toBe('ambiguous_header')
      }
    }
  })
})

describe('a header that appears twice', () => {
  const own = send('fluxora')
  const [id, time, sign] = [own['x-fluxora-delivery-id'], own['x-fluxora-timestamp'], own['x-fluxora-signature']] as [
    string,
    string,
    string,
  ]
  const check = (changes: Record<string, unknown>) => verify('fluxora', { ...own, ...changes }).code

  it.each([
    ['the id', 'x-fluxora-delivery-id', id],
    ['the timestamp', 'x-fluxora-timestamp', time],
    ['the signature', 'x-fluxora-signature', sign],
  ])('%s: as an array, joined by Node or Fetch, in two cases', (_, header, value) => {
    expect(check({ [header]: [value, value] })).toBe('ambiguous_header')
    expect(check({ [header]: ['', value] })).toBe('ambiguous_header')
    expect(check({ [header]: [value, ''] })).toBe('ambiguous_header')
    expect(check({ [header]: `${value}, ${value}` })).toBe('ambiguous_header')
    expect(check({ [header.toUpperCase()]: value })).toBe('ambiguous_header')
    expect(verify('fluxora', new Map([...Object.entries(own), [header.toUpperCase(), value]])).code).toBe(
      'ambiguous_header',
    )
    expect(check({ [header]: [value] })).toBe('ok')
  })

  it('joined to something else has no valid form', () => {
    expect(check({ 'x-fluxora-timestamp': `${time}, x` })).toBe('invalid_timestamp')
    expect(check({ 'x-fluxora-timestamp': `x, ${time}` })).toBe('invalid_timestamp')
    expect(check({ 'x-fluxora-signature': `${sign}, x` })).toBe('malformed_signature')
    expect(check({ 'x-fluxora-signature': `x, ${sign}` })).toBe('malformed_signature')
    expect(check({ 'x-fluxora-delivery-id': 'a, b' })).toBe('ambiguous_header')
    expect(check({ 'x-fluxora-delivery-id': 'a,b' })).toBe('ok')
  })

  it('three times joined is as bad', () => {
    expect(check({ 'x-fluxora-timestamp': `${time}, ${time}, ${time}` })).toBe('ambiguous_header')
    expect(check({ 'x-fluxora-signature': `${sign}, x, ${sign}` })).toBe('ambiguous_header')
  })

  it('is refused for optional headers too', () => {
    expect(verify('chronomind', { ...send('chronomind'), 'x-webhook-id': ['a', 'b'] }).code).toBe('ambiguous_header')
    expect(verify('fluxdrop', { ...send('fluxdrop'), 'x-fluxdrop-timestamp': ['1710000000', '1710000000'] }).code).toBe(
      'ambiguous_header',
    )
    expect(verify('github', { ...send('github'), 'x-github-delivery': 'a, b' }).code).toBe('ambiguous_header')
  })

  it('does not matter for headers that are not about security', () => {
    const verdict = verify('fluxora', { ...own, 'x-fluxora-event': ['a', 'b'], accept: ['x', 'y'] })
    expect(verdict).toMatchObject({ code: 'ok', delivery: { event: 'a, b', headers: { accept: 'x, y' } } })
  })

  it('is named in the message', () => {
    expect(verify('fluxora', { ...own, 'x-fluxora-signature': [sign, sign] }).message).toContain('x-fluxora-signature')
  })
})

describe('a field that has several names', () => {
  const stellar = send('stellarPayment')
  const [signature, timestamp] = [stellar['stellar-signature'], stellar['stellar-timestamp']] as [string, string]
  const other = `sha256=${'0'.repeat(64)}`
  const pairsOf = (...more: Pairs): Pairs => [...(Object.entries(stellar) as Pairs), ...more]

  // A Map of another realm and a generator are read like any other; a Map cannot hold a name twice in the same case.
  const each = bags.filter(([label]) => !/realm|generator|Set/.test(label))

  it.each(each)('%s: equal values under two names are one', (_, make) => {
    for (const more of [
      [['pluto-signature', signature]],
      [['PLUTO-Timestamp', timestamp]],
      [
        ['Pluto-Signature', signature],
        ['pluto-timestamp', timestamp],
      ],
    ] as Pairs[]) {
      for (const pairs of [pairsOf(...more), [...more, ...pairsOf()]]) {
        const verdict = verify('stellarPayment', make(pairs))
        expect(verdict).toMatchObject({ code: 'ok', delivery: { timestamp: Number(timestamp) } })
      }
    }
  })

  it.each(each)('%s: unequal ones are ambiguous', (_, make) => {
    for (const more of [
      [['pluto-signature', other]],
      [['pluto-signature', `${signature} `]],
      [['pluto-signature', signature.toUpperCase()]],
      [['pluto-signature', '']],
      [['pluto-timestamp', String(Number(timestamp) + 1)]],
      [['pluto-timestamp', `0${timestamp}`]],
    ] as Pairs[]) {
      for (const pairs of [pairsOf(...more), [...more, ...pairsOf()]]) {
        // Fetch trims what it holds.
        const code = /^Fetch|of Headers/.test(_) && more[0]?.[1] === `${signature} ` ? 'ok' : 'ambiguous_header'
        expect(verify('stellarPayment', make(pairs)).code).toBe(code)
      }
    }
  })

  it.each(each)('%s: the same name twice is ambiguous, equal or not, also beside the other name', (label, make) => {
    if (/Map|object/.test(label)) return // which cannot hold it
    for (const [name, value, wrong] of [
      ['stellar-signature', signature, other],
      ['pluto-signature', signature, other],
      ['stellar-timestamp', timestamp, '5'],
      ['pluto-timestamp', timestamp, '5'],
    ] as const) {
      for (const again of [value, wrong]) {
        const more: Pairs = name.startsWith('pluto')
          ? [
              [name, value],
              [name, again],
            ]
          : [[name, again]]
        for (const pairs of [
          pairsOf(...more),
          [...more, ...pairsOf()],
          pairsOf(...more, ['pluto-signature', signature]),
        ]) {
          if (name.includes('pluto-signature') && pairs.length > 4) continue
          expect(verify('stellarPayment', make(pairs)).code).toBe('ambiguous_header')
        }
      }
    }
  })

  it('the same name in upper and lower case is the same name twice', () => {
    for (const again of [signature, other]) {
      expect(verify('stellarPayment', { ...stellar, 'Stellar-Signature': again }).code).toBe('ambiguous_header')
      const both = { ...stellar, 'pluto-signature': signature, 'Pluto-Signature': again }
      expect(verify('stellarPayment', both).code).toBe('ambiguous_header')
      expect(verify('stellarPayment', new Map(Object.entries(both))).code).toBe('ambiguous_header')
      expect(verify('stellarPayment', { ...stellar, 'pluto-signature': [signature, again] }).code).toBe(
        'ambiguous_header',
      )
    }
  })

  it('may have three, and any of them may be the one that was sent', () => {
    const scheme = defineScheme({
      name: 'acme',
      headers: { signature: ['a-sig', 'b-sig', 'c-sig'], deliveryId: ['a-id', 'b-id'], event: ['a-event', 'b-event'] },
      signed: ['body'],
      signature: singleSignature({ encoding: hex }),
    })
    const mac = hmac('s', '{}').toString('hex')
    const check = (headers: Record<string, string | string[]>) =>
      createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers, body: '{}' })
    const names = ['a-sig', 'b-sig', 'c-sig']
    for (const name of names) {
      expect(check({ [name]: mac }).code).toBe('ok')
      expect(check({ ...Object.fromEntries(names.map((each) => [each, mac])), [name]: 'x' }).code).toBe(
        'ambiguous_header',
      )
      expect(check({ ...Object.fromEntries(names.map((each) => [each, mac])), [name]: [mac, mac] }).code).toBe(
        'ambiguous_header',
      )
    }
    expect(check(Object.fromEntries(names.map((name) => [name, mac]))).code).toBe('ok')
    expect(check({ 'a-sig': mac, 'b-id': 'd' })).toMatchObject({ delivery: { deliveryId: 'd' } })
    expect(check({ 'a-sig': mac, 'a-id': 'd', 'b-id': 'd' })).toMatchObject({ delivery: { deliveryId: 'd' } })
    expect(check({ 'a-sig': mac, 'a-id': 'd', 'b-id': 'e' }).code).toBe('ambiguous_header')
    // The event does not matter for security.
    expect(check({ 'a-sig': mac, 'a-event': 'x', 'b-event': 'x' })).toMatchObject({ delivery: { event: 'x' } })
    expect(check({ 'a-sig': mac, 'a-event': 'x', 'b-event': 'y' })).toMatchObject({ delivery: { event: 'x, y' } })
  })

  it('may have as many as a scheme may name in all', () => {
    const names = (count: number) => Array.from({ length: count }, (_, at) => `x-${at}`)
    const define = (count: number) =>
      defineScheme({
        name: 'acme',
        headers: { signature: names(count) },
        signed: ['body'],
        signature: singleSignature({ encoding: hex }),
      })
    const mac = hmac('s', '{}').toString('hex')
    const verifier = createWebhookVerifier({ scheme: define(24), secrets: 's' })
    for (const name of names(24)) {
      expect(verifier.verify({ headers: { [name]: mac }, body: '{}' }).code).toBe('ok')
      expect(verifier.verify({ headers: { [name]: [mac, mac] }, body: '{}' }).code).toBe('ambiguous_header')
    }
    expect(
      verifier.verify({ headers: Object.fromEntries(names(24).map((name) => [name, mac])), body: '{}' }).code,
    ).toBe('ok')
    expect(thrownBy(() => define(25))).toMatchObject({
      code: 'invalid_scheme',
      message: 'Scheme: headers may name at most 24 headers in all.',
    })
  })
})

describe('an empty header', () => {
  it('counts as missing', () => {
    expect(verify('fluxora', { ...send('fluxora'), 'x-fluxora-delivery-id': '' }).code).toBe('missing_delivery_id')
    expect(verify('fluxora', { ...send('fluxora'), 'x-fluxora-timestamp': '' }).code).toBe('missing_timestamp')
    expect(verify('fluxora', { ...send('fluxora'), 'x-fluxora-signature': '' }).code).toBe('missing_signature')
    const verdict = verify('fluxdrop', {
      ...send('fluxdrop'),
      'x-fluxdrop-timestamp': '',
      'x-fluxdrop-delivery': '',
      'x-fluxdrop-event': '',
    })
    expect(verdict.ok && [verdict.delivery.timestamp, verdict.delivery.deliveryId, verdict.delivery.event]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('hostile names and bags', () => {
  const own = send('fluxora')

  it('__proto__ and constructor are headers and nothing else', () => {
    const names: Pairs = [
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['toString', 't'],
      ['hasOwnProperty', 'h'],
    ]
    for (const bag of [
      flat([...names, ...Object.entries(own)] as Pairs),
      [...names, ...Object.entries(own)],
      new Map([...names, ...Object.entries(own)] as Pairs),
    ]) {
      const verdict = verify('fluxora', bag)
      expect(verdict.code).toBe('ok')
      if (!verdict.ok) continue
      const { headers } = verdict.delivery
      expect(Object.keys(headers)).toEqual(
        expect.arrayContaining(['__proto__', 'constructor', 'tostring', 'hasownproperty']),
      )
      expect(Object.getOwnPropertyDescriptor(headers, '__proto__')?.value).toBe('p')
      expect(headers.constructor).toBe('c')
    }
    expect(({} as { p?: unknown }).p).toBeUndefined()
    expect(verify('fluxora', JSON.parse(`{"__proto__":{"x-fluxora-delivery-id":"d"}}`)).code).toBe(
      'missing_delivery_id',
    )
  })

  it('inherited properties are not headers', () => {
    expect(verify('fluxora', Object.create(own)).code).toBe('missing_delivery_id')
  })

  const throwing = () => {
    throw new Error('hostile')
  }
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const revokedArray = Proxy.revocable([], {})
  revokedArray.revoke()

  it.each([
    [
      'a getter that throws',
      Object.defineProperty({ ...own }, 'x-fluxora-signature', { get: throwing, enumerable: true }),
    ],
    ['a proxy whose keys throw', new Proxy({}, { ownKeys: throwing })],
    ['a proxy whose values throw', new Proxy({ ...own }, { get: throwing })],
    ['a proxy that asks back', new Proxy({}, { has: throwing })],
    ['a revoked proxy', revoked.proxy],
    ['a revoked proxy of an array', revokedArray.proxy],
    ['an iterator that throws', { [Symbol.iterator]: throwing }],
    [
      'an iterator that throws in the middle',
      {
        *[Symbol.iterator]() {
          yield ['a', 'b']
          throwing()
        },
      },
    ],
    ['an iterator that is none', { [Symbol.iterator]: 5 }],
    ['headers whose get throws', { get: throwing, has: throwing }],
    [
      'a list without end',
      {
        *[Symbol.iterator]() {
          for (;;) yield ['a', 'b']
        },
      },
    ],
    [
      'an iterator without end',
      (function* () {
        for (;;) yield ['a', 'b']
      })(),
    ],
  ])('%s cannot be read, and does no harm', (_, bag) => {
    expect(verify('fluxora', bag)).toMatchObject({ ok: false, status: 401, code: 'ambiguous_header' })
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['text', 'x-fluxora-delivery-id: d1'],
    ['a function', () => own],
    ['a symbol', Symbol('s')],
    ['a Set of words', new Set(['a', 'b'])],
    ['pairs that are no pairs', [[], [1], [null, 'x'], 'ab', { 0: 'x-fluxora-delivery-id', 1: 'd1' }]],
    ['a list of numbers', [1, 2, 3]],
    ['values that are no text', Object.fromEntries(Object.keys(own).map((name) => [name, 5]))],
    ['values that are objects', Object.fromEntries(Object.keys(own).map((name) => [name, { toString: () => 'd1' }]))],
    ['String objects', Object.fromEntries(Object.entries(own).map(([name, value]) => [name, new String(value)]))],
    ['arrays of other things', Object.fromEntries(Object.keys(own).map((name) => [name, [1, null, {}]]))],
    ['one name and no value', ['x-fluxora-delivery-id']],
    ['a typed array', new Uint8Array(64)],
    ['a Date', new Date(0)],
    ['headers that know nothing', { get: () => null, has: () => false }],
    ['headers that know everything but text', { get: () => 5, has: () => true }],
  ])('%s holds no headers', (_, bag) => {
    expect(verify('fluxora', bag).code).toBe('missing_delivery_id')
    expect(verify('github', bag).code).toBe('missing_signature')
  })

  it('reads nothing but what it looks for: 100,000 other headers are skipped', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`x-${at}`, 'v']))
    expect(verify('fluxora', { ...many, ...own }).code).toBe('ok')
  })

  it('a header whose name has the length of a wanted one is still another header', () => {
    for (const header of Object.keys(own)) {
      const { [header]: value, ...rest } = own
      const other = header.replace(/.$/, 'q')
      expect(verify('fluxora', { ...rest, [other]: value as string }).ok).toBe(false)
    }
  })

  it('what the delivery keeps is read at most once, and survives a bag that breaks later', () => {
    let reads = 0
    const bag = {
      ...own,
      get 'x-late'() {
        return String(++reads)
      },
    }
    const verdict = verify('fluxora', bag)
    if (!verdict.ok) throw new Error(verdict.code)
    expect(verdict.delivery.headers['x-late']).toBe('1')
    expect(verdict.delivery.headers['x-late']).toBe('1')
    expect(reads).toBe(1)
  })
})

describe('over a socket', () => {
  it('Node joins or keeps what is sent twice, and either is refused', async () => {
    const verifier = createWebhookVerifier({ secrets: 'topsecret', now: clock })
    const server = createServer((incoming, response) => {
      const codes = [incoming.headers, incoming.headersDistinct, incoming.rawHeaders].map(
        (headers) => verifier.verify({ headers: headers as never, body: '{}' }).code,
      )
      response.end(JSON.stringify(codes))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const ask = (headers: Record<string, string | string[]>) =>
      new Promise<string[]>((resolve, reject) => {
        const { port } = server.address() as AddressInfo
        const sent = request({ port, host: '127.0.0.1', method: 'POST', headers }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => {
            text += part
          })
          response.on('end', () => resolve(JSON.parse(text)))
        })
        sent.on('error', reject)
        sent.end()
      })
    try {
      const own = send('fluxora')
      expect(await ask(own)).toEqual(['ok', 'ok', 'ok'])
      for (const [name, value] of Object.entries(own)) {
        expect(await ask({ ...own, [name]: [value, value] })).toEqual([
          'ambiguous_header',
          'ambiguous_header',
          'ambiguous_header',
        ])
      }
    } finally {
      server.close()
    }
  })
})

describe('line breaks', () => {
  it.each(SCHEME_NAMES)('%s: in a security header they change the value', (name: SchemeName) => {
    const header = signatureHeader(name)
    for (const insert of ['\r\n', '\n', '\r']) {
      const value = send(name)[header] as string
      expect(verify(name, { ...send(name), [header]: value.slice(0, 20) + insert + value.slice(20) }).ok).toBe(false)
    }
  })
})
