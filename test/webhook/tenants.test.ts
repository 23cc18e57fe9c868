// Many tenants at one endpoint: none can suppress another's deliveries, and no look-up is made for a request with bad headers.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createWebhookReceiver,
  type FindTenant,
  memoryDedupeStore,
  type OutcomeReport,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import { clock, deferred, NOW, SCHEME_NAMES, type SchemeName, schemeOf, secretOf, send, spyStore } from './support.ts'

const WHO = 'x-tenant'

/** Each tenant has its own secret, which contains the tenant's name. */
const secretFor = (name: SchemeName, who: number): string =>
  name === 'standardWebhooks' ? `whsec_${Buffer.alloc(24, who + 1).toString('base64')}` : `secret of ${who}`

function setUp(name: SchemeName, namespaces: readonly string[], options: Partial<WebhookReceiverOptions> = {}) {
  const reports: OutcomeReport[] = []
  const receiver = createWebhookReceiver({
    scheme: schemeOf(name),
    tenant: ({ headers }) => {
      const who = Number(headers[WHO])
      const namespace = namespaces[who]
      return namespace === undefined ? undefined : { namespace, secrets: secretFor(name, who) }
    },
    now: clock,
    onOutcome: (report) => void reports.push(report),
    ...options,
  })
  const receive = async (
    who: number,
    { id = 'd1', body = '{"id":"e1"}', timestamp = NOW }: { id?: string; body?: string; timestamp?: number } = {},
    handle: () => unknown = () => {},
  ) => {
    const headers = { ...send(name, { id, body, timestamp, secret: secretFor(name, who) }), [WHO]: `${who}` }
    return (await receiver.receive({ headers, body }, handle)).code
  }
  return { receive, reports, receiver }
}

describe.each(SCHEME_NAMES)('%s: tenant A sends first what B will send', (name) => {
  it("and B's delivery is still handled", async () => {
    const { receive } = setUp(name, ['a', 'b'])
    expect(await receive(0)).toBe('ok')
    expect(await receive(1)).toBe('ok')
    expect(await receive(1)).toBe('duplicate_delivery')
  })

  it("under B's id with another body, and B's delivery is no conflict", async () => {
    const { receive } = setUp(name, ['a', 'b'], { dedupeBy: 'deliveryIdAndContent' })
    expect(await receive(0, { body: '{"id":"evil"}' })).toBe('ok')
    expect(await receive(1)).toBe('ok')
  })

  it("and its handler never ends, and B's delivery does not wait", async () => {
    const { receive } = setUp(name, ['a', 'b'])
    const gate = deferred()
    const first = receive(0, {}, () => gate.promise)
    expect(await receive(1)).toBe('ok')
    expect(await receive(0)).toBe('delivery_in_progress')
    gate.resolve()
    expect(await first).toBe('ok')
  })

  it("and A's secret is not accepted for B", async () => {
    const { receiver } = setUp(name, ['a', 'b'])
    const headers = { ...send(name, { secret: secretFor(name, 0) }), [WHO]: '1' }
    expect((await receiver.receive({ headers, body: '{}' }, () => {})).code).toBe('signature_mismatch')
  })
})

describe('whatever tenants are named and whatever they send', () => {
  // Namespaces that look like the beginning, the end or all of another tenant's keys.
  const part = fc.constantFrom(
    ':',
    'id',
    'content',
    'body',
    'a',
    'b',
    'fluxora',
    '::',
    `${NOW}`,
    '\ud800',
    '\udbff',
    '\0',
  )
  const namespaces = fc.uniqueArray(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    { minLength: 2, maxLength: 4 },
  )
  const act = fc.record({
    who: fc.nat(3),
    id: fc.constantFrom('d1', 'd2'),
    body: fc.constantFrom('{"id":"e1"}', '{"id":"e2"}', '{"id":1}', '{}'),
    timestamp: fc.constantFrom(NOW, NOW + 1),
    ends: fc.constantFrom('well', 'badly', 'never'),
  })

  it.each(SCHEME_NAMES)('%s: each gets the outcomes that it would get alone', async (name) => {
    const runOf = async (
      names: readonly string[],
      acts: readonly (typeof act extends fc.Arbitrary<infer A> ? A : never)[],
    ) => {
      const { receive } = setUp(name, names)
      const codes: [who: number, code: string][] = []
      for (const { who, ends, ...attempt } of acts) {
        const handle = () => {
          if (ends === 'badly') throw new Error('x')
          return ends === 'never' ? new Promise(() => {}) : undefined
        }
        const code = await Promise.race([
          receive(who, attempt, handle),
          new Promise<string>((resolve) => setTimeout(resolve, 0, 'running')),
        ])
        codes.push([who, code])
      }
      return codes
    }
    await fc.assert(
      fc.asyncProperty(namespaces, fc.array(act, { minLength: 2, maxLength: 10 }), async (names, acts) => {
        const all = acts.filter(({ who }) => who < names.length)
        const together = await runOf(names, all)
        for (const who of names.keys()) {
          const alone = await runOf(
            names,
            all.filter((each) => each.who === who),
          )
          expect(together.filter(([each]) => each === who)).toEqual(alone)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a look-up', () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => void unhandled.push(reason)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', listen)
  })
  afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })

  type Finder = { secrets: WebhookReceiverOptions['secrets'] } | { secrets: undefined; tenant: FindTenant }
  const finders: [string, (find: () => unknown) => Finder][] = [
    ['secrets', (find) => ({ secrets: find as never })],
    ['tenant', (find) => ({ secrets: undefined, tenant: find as never })],
  ]

  function lookUp(
    make: (find: () => unknown) => Finder,
    find: () => unknown,
    options: Partial<WebhookReceiverOptions> = {},
  ) {
    const dedupe = spyStore()
    const reports: OutcomeReport[] = []
    let calls = 0
    const counted = () => {
      calls++
      return find()
    }
    const receiver = createWebhookReceiver({
      ...make(counted),
      now: clock,
      dedupe,
      onOutcome: (report) => void reports.push(report),
      ...options,
    })
    const receive = (headers: Record<string, string> = send('fluxora'), body: unknown = '{}') =>
      receiver.receive({ headers, body: body as never }, () => {})
    return { receive, reports, dedupe, calls: () => calls }
  }

  describe.each(finders)('by %s', (what, make) => {
    const found = what === 'tenant' ? { namespace: 'a', secrets: 'topsecret' } : 'topsecret'

    it.each([
      ['no headers', {}],
      ['no id', { ...send('fluxora'), 'x-fluxora-delivery-id': '' }],
      ['no signature', { ...send('fluxora'), 'x-fluxora-signature': '' }],
      ['a signature of another form', { ...send('fluxora'), 'x-fluxora-signature': 'x' }],
      ['a header twice', { ...send('fluxora'), 'X-FLUXORA-SIGNATURE': 'x' }],
      ['a content encoding', { ...send('fluxora'), 'content-encoding': 'gzip' }],
      ['a malformed timestamp', { ...send('fluxora'), 'x-fluxora-timestamp': 'x' }],
      ['a stale timestamp', send('fluxora', { timestamp: NOW - 301 })],
      ['a timestamp from the future', send('fluxora', { timestamp: NOW + 301 })],
    ])('is not made for %s, nor is a byte read', async (_, headers) => {
      let reads = 0
      const { receive, calls } = lookUp(make, () => found)
      const outcome = await receive(headers, async () => `${reads++}`)
      expect(outcome.ok).toBe(false)
      expect([calls(), reads]).toEqual([0, 0])
    })

    it('is made once for each request, before the body is read', async () => {
      const { receive, calls } = lookUp(make, async () => found)
      let callsAtRead: number | undefined
      const outcome = await receive(send('fluxora'), async () => {
        callsAtRead = calls()
        return '{}'
      })
      expect([outcome.code, calls(), callsAtRead]).toEqual(['ok', 1, 1])
    })

    it.each([
      ['nothing', () => undefined],
      ['null', () => null],
      ['a blank secret', () => (what === 'tenant' ? { namespace: 'a', secrets: ' ' } : ' ')],
      ['no secrets', () => (what === 'tenant' ? { namespace: 'a', secrets: [] } : [])],
      ['secrets that are nonsense', () => (what === 'tenant' ? { namespace: 'a', secrets: 5 } : 5)],
      ['nonsense', () => ({})],
      ['a promise of nothing', async () => undefined],
      [
        'an error',
        () => {
          throw new Error('vault is down')
        },
      ],
      ['a rejection', () => Promise.reject(new Error('vault is down'))],
      [
        'a thenable that rejects',
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        () => ({ then: (_: unknown, no: (reason: unknown) => void) => no(new Error('vault is down')) }),
      ],
    ])('that ends in %s means 500, and is reported', async (_, find) => {
      const { receive, reports, dedupe } = lookUp(make, find)
      const outcome = await receive()
      expect(outcome).toMatchObject({ ok: false, status: 500, code: 'missing_secret' })
      expect(outcome.message).not.toContain('vault')
      expect(reports[0]).toMatchObject({ code: 'missing_secret', error: expect.any(Error) })
      expect(dedupe.calls).toEqual([])
    })

    it.runIf(what === 'tenant')('says whose secrets cannot be used, and that secret is not secrets', async () => {
      const blank = lookUp(make, () => ({ namespace: 'shop:7', secrets: ' ' }))
      await blank.receive()
      expect(blank.reports[0]).toMatchObject({
        error: { message: expect.stringMatching(/^The secrets of the tenant "shop:7" cannot be used: /) },
      })
      const misspelt = lookUp(make, () => ({ namespace: 'shop:7', secret: 'topsecret' }))
      await misspelt.receive()
      expect(misspelt.reports[0]).toMatchObject({
        error: { code: 'invalid_option', message: expect.stringContaining('this one found secret, without its s') },
      })
    })

    it('that hangs means 500 after the timeout, and does not affect the next', async () => {
      let isDown = true
      const { receive, reports } = lookUp(make, () => (isDown ? new Promise(() => {}) : Promise.resolve(found)), {
        storeTimeoutSeconds: 0.02,
      })
      expect(await receive()).toMatchObject({ status: 500, code: 'missing_secret' })
      expect(String(reports[0]?.error)).toMatch(
        /^Error: The function that finds the secrets did not answer within 20 ms\.$/,
      )
      isDown = false
      expect((await receive()).code).toBe('ok')
    })

    it('that fails after the timeout causes no unhandled rejection', async () => {
      const late = deferred<never>()
      const { receive } = lookUp(make, () => late.promise, { storeTimeoutSeconds: 0.01 })
      expect((await receive()).code).toBe('missing_secret')
      late.reject(new Error('vault is down'))
    })

    it('starts no timer if it answers at once, and leaves none behind if it does not', async () => {
      const set = vi.spyOn(globalThis, 'setTimeout')
      const cleared = vi.spyOn(globalThis, 'clearTimeout')
      try {
        const atOnce = lookUp(make, () => found, { dedupe: undefined })
        expect((await atOnce.receive()).code).toBe('ok')
        expect(set).not.toHaveBeenCalled()
        const later = lookUp(make, async () => found, { dedupe: undefined })
        expect((await later.receive()).code).toBe('ok')
        expect(set).toHaveBeenCalledTimes(1)
        expect(cleared).toHaveBeenCalledWith(set.mock.results[0]?.value)
      } finally {
        set.mockRestore()
        cleared.mockRestore()
      }
    })

    it('is made again for each delivery, so new secrets are used at once', async () => {
      let secret = 'former'
      const { receive } = lookUp(make, () => (what === 'tenant' ? { namespace: 'a', secrets: secret } : secret))
      expect((await receive(send('fluxora', { secret: 'former' }))).code).toBe('ok')
      secret = 'topsecret'
      expect((await receive(send('fluxora', { secret: 'former' }))).code).toBe('signature_mismatch')
    })
  })

  it.each([
    ['none', { secrets: 'topsecret' }],
    ['empty text', { namespace: '', secrets: 'topsecret' }],
    ['a number', { namespace: 7, secrets: 'topsecret' }],
    ['an object', { namespace: {}, secrets: 'topsecret' }],
  ])("by tenant whose namespace is %s means 500, so no tenant can share another's", async (_, tenant) => {
    const { receive, reports } = lookUp(finders[1]![1], () => tenant)
    expect(await receive()).toMatchObject({ status: 500, code: 'missing_secret' })
    expect(reports[0]?.error).toMatchObject({ code: 'invalid_option', option: 'tenant' })
  })

  it('is not needed for fixed secrets, which are read when the receiver is created', async () => {
    const secrets = ['topsecret']
    const receiver = createWebhookReceiver({ secrets, now: clock })
    secrets[0] = 'another'
    expect((await receiver.receive({ headers: send('fluxora'), body: '{}' }, () => {})).code).toBe('ok')
  })

  it("by secrets uses the receiver's namespace", async () => {
    const dedupe = memoryDedupeStore()
    const make = (secrets: WebhookReceiverOptions['secrets']) =>
      createWebhookReceiver({ secrets, now: clock, dedupe, namespace: 'shop' })
    const input = { headers: send('fluxora'), body: '{}' }
    expect((await make('topsecret').receive(input, () => {})).code).toBe('ok')
    expect((await make(async () => 'topsecret').receive(input, () => {})).code).toBe('duplicate_delivery')
  })

  it("by tenant may name another receiver's namespace, and then shares its deliveries", async () => {
    const dedupe = memoryDedupeStore()
    const input = { headers: send('fluxora'), body: '{}' }
    const one = createWebhookReceiver({ secrets: 'topsecret', now: clock, dedupe })
    const many = createWebhookReceiver({
      tenant: () => ({ namespace: 'fluxora', secrets: secretOf('fluxora') }),
      now: clock,
      dedupe,
    })
    expect((await one.receive(input, () => {})).code).toBe('ok')
    expect((await many.receive(input, () => {})).code).toBe('duplicate_delivery')
  })

  it('by secrets gets no request, and the types say so too', async () => {
    const make = () =>
      createWebhookReceiver({
        // @ts-expect-error secrets get no request: many tenants need the tenant option
        secrets: (headers: Readonly<Record<string, string>>) => `secret of ${headers['x-tenant']}`,
        now: clock,
        onOutcome: false,
      })
    const outcome = await make().receive({ headers: send('fluxora'), body: '{}' }, () => {})
    expect(outcome.code).toBe('missing_secret')
  })
})

it.each([undefined, null])('a tenant that is not found (%s) is reported as such', async (found) => {
  const reports: OutcomeReport[] = []
  const onOutcome = (report: OutcomeReport) => void reports.push(report)
  const receiver = createWebhookReceiver({ tenant: () => found, now: clock, onOutcome })
  await receiver.receive({ headers: send('fluxora'), body: '{}' }, () => {})
  expect(reports[0]?.error).toMatchObject({
    code: 'invalid_secret',
    option: 'tenant',
    message: 'The tenant function found no tenant for this request.',
  })
})
