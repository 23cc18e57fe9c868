// What makes two deliveries the same: no genuine event may count as a copy, and no copy as a new event, beyond what the choice allows.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookSigner,
  type DedupeBy,
  defineScheme,
  type WebhookReceiverOptions,
} from '../../src/webhook/index.ts'
import { webEngine } from '../../src/webhook/proof/web.ts'
import { webInflater } from '../../src/webhook/receiving/inflate-web.ts'
import { receiverOver } from '../../src/webhook/receiving/receiver.ts'
import { hex, singleSignature } from '../../src/webhook/schemes/index.ts'
import {
  type Attempt,
  clock,
  NOW,
  SCHEME_NAMES,
  type SchemeName,
  schemeOf,
  secretOf,
  send,
  spyStore,
} from './support.ts'

const EVENT_HEADERS: Partial<Record<SchemeName, string>> = {
  fluxora: 'x-fluxora-event',
  chronomind: 'x-webhook-event',
  fluxdrop: 'x-fluxdrop-event',
  github: 'x-github-event',
  shopify: 'x-shopify-topic',
}

interface Sent extends Attempt {
  readonly event?: string
  /** Whether to leave the id's header out. */
  readonly isAnonymous?: boolean
}

function setUp(name: SchemeName, options: Partial<WebhookReceiverOptions> = {}) {
  const dedupe = spyStore()
  const scheme = schemeOf(name)
  const receiver = createWebhookReceiver({
    scheme,
    secrets: secretOf(name),
    now: clock,
    dedupe,
    onOutcome: false,
    ...options,
  })
  const receive = async ({ event, isAnonymous, ...attempt }: Sent = {}): Promise<string> => {
    const headers = send(name, attempt)
    if (event !== undefined) headers[EVENT_HEADERS[name] as string] = event
    if (isAnonymous) delete headers[scheme.headers.deliveryId[0] as string]
    return (await receiver.receive({ headers, body: attempt.body ?? '{}' }, () => {})).code
  }
  const keys = () =>
    dedupe.calls.filter(({ method }) => method === 'claim').map(({ args }) => (args[0] as { keys: unknown }).keys)
  return { receive, keys }
}

/** The outcome of a second delivery after the first one was handled. */
async function second(name: SchemeName, dedupeBy: DedupeBy | undefined, first: Sent, then: Sent): Promise<string> {
  const { receive } = setUp(name, { dedupeBy })
  expect(await receive(first)).toBe('ok')
  return receive(then)
}

const [same, fresh, clash] = ['duplicate_delivery', 'ok', 'delivery_id_conflict']
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('genuine events that look alike are all handled', () => {
  it('shopify: one body under two topics', async () => {
    const body = '{"id":1}'
    const created = { id: 'w1', event: 'orders/create', body }
    expect(await second('shopify', undefined, created, { id: 'w2', event: 'orders/paid', body })).toBe(fresh)
    expect(await second('shopify', 'content', created, { id: 'w2', event: 'orders/paid', body })).toBe(fresh)
  })

  it('github: two dispatches with the same inputs', async () => {
    const dispatch = { event: 'repository_dispatch', body: '{"action":"deploy"}' }
    expect(await second('github', undefined, { ...dispatch, id: 'g1' }, { ...dispatch, id: 'g2' })).toBe(fresh)
  })

  it.each(['github', 'shopify', 'standardWebhooks'] as const)('%s: a body that is always the same', async (name) => {
    const { receive } = setUp(name)
    for (const id of ['p1', 'p2', 'p3']) expect(await receive({ id, body: '' })).toBe(fresh)
    for (const id of ['p1', 'p2', 'p3']) expect(await receive({ id, body: '' })).toBe(same)
  })

  it.each(['chronomind', 'fluxdrop', 'stripe', 'slack'] as const)('%s: other ids, other events', async (name) => {
    const id = name === 'slack' ? 'event_id' : 'id'
    const bodies = ['1', '"1"', '"2"', '0', '-1', '"a"', '"A"', '"\\ud800"', '"\\ud801"', '"\\ufffd"', '" 1"']
    const { receive } = setUp(name)
    for (const value of bodies) expect([value, await receive({ body: `{"${id}":${value}}` })]).toEqual([value, fresh])
  })
})

describe('the same event again is a duplicate', () => {
  it.each([
    ['stripe', '{"id":"evt_1","pending_webhooks":2}', '{"id":"evt_1","pending_webhooks":1}'],
    ['chronomind', '{"id":"e1","attempt":1}', '{"id":"e1","attempt":2}'],
    ['slack', '{"event_id":"Ev1","retry":0}', '{ "retry": 1, "event_id": "Ev1" }'],
  ] as const)('%s: also if the rest of its body has changed', async (name, body, later) => {
    expect(await second(name, undefined, { body }, { body: later, timestamp: NOW + 9, id: 'd2' })).toBe(same)
  })

  it('however its id is written', async () => {
    for (const [one, other] of [
      ['"evt\\u005f1"', '"evt_1"'],
      ['1', '1.0'],
      ['10', '1e1'],
      ['0', '-0'],
      ['9007199254740991', '9007199254740991.0'],
    ]) {
      expect(await second('stripe', undefined, { body: `{"id":${one}}` }, { body: `{"id":${other},"x":1}` })).toBe(same)
    }
  })

  it('of a duplicated member the last one counts, as in JSON.parse', async () => {
    expect(await second('stripe', undefined, { body: '{"id":"a","id":"b"}' }, { body: '{"id":"b"}' })).toBe(same)
    expect(await second('stripe', undefined, { body: '{"id":"a","id":"b"}' }, { body: '{"id":"a"}' })).toBe(fresh)
  })

  it('also after a byte order mark', async () => {
    expect(await second('stripe', undefined, { body: '\ufeff{"id":"a"}' }, { body: '{"id":"a","x":1}' })).toBe(same)
  })
})

describe('a body without a usable id is known by its content', () => {
  it.each([
    ['no member', '{"other":1}'],
    ['null', '{"id":null}'],
    ['true', '{"id":true}'],
    ['an object', '{"id":{}}'],
    ['a list', '{"id":[1]}'],
    ['empty text', '{"id":""}'],
    ['a fraction', '{"id":1.5}'],
    ['a number that its neighbours are rounded to', '{"id":9007199254740993}'],
    ['a number just beyond the last safe one', '{"id":9007199254740992}'],
    ['a negative one', '{"id":-9007199254740993}'],
    ['a number beyond all', '{"id":1e400}'],
    ['a list, which has a length', '["a"]'],
    ['text', '"id"'],
    ['null itself', 'null'],
    ['no JSON', 'id=1'],
    ['nothing', ''],
    ['half a document', '{"id":"a"'],
    ['two documents', '{"id":"a"}{"id":"a"}'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
    ['a member of the prototype', '{"__proto__":{"id":"a"}}'],
    ['depth', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['depth without end', '{"id":'.repeat(40_000)],
  ])('%s', async (_, body) => {
    const { receive, keys } = setUp('stripe')
    expect(await receive({ body })).toBe(fresh)
    expect(await receive({ body, timestamp: NOW + 1 })).toBe(same)
    const digest = createHash('sha256').update(body).digest('hex')
    expect(keys()[0]).toEqual([{ key: `stripe:content::${digest}` }])
  })

  it('so ids that round to the same number are two events', async () => {
    const [one, other] = ['{"id":9007199254740993}', '{"id":9007199254740992}']
    expect(await second('stripe', undefined, { body: one }, { body: other })).toBe(fresh)
  })

  it('wherever the pointer leads', async () => {
    const by = (bodyId: string) => setUp('stripe', { dedupeBy: { bodyId } })
    const nested = by('/data/0/a~1b')
    expect(await nested.receive({ body: '{"data":[{"a/b":"x"}],"n":1}' })).toBe(fresh)
    expect(await nested.receive({ body: '{"data":[{"a/b":"x"}],"n":2}' })).toBe(same)
    for (const bodyId of ['/length', '/data/length', '/0/length']) {
      const { receive } = by(bodyId)
      for (const body of ['["a"]', '["b"]', '{"data":["a"]}', '{"data":["b"]}'])
        expect(await receive({ body })).toBe(fresh)
    }
    const proto = by('/__proto__/id')
    expect(await proto.receive({ body: '{"__proto__":{"id":"a"},"n":1}' })).toBe(fresh)
    expect(await proto.receive({ body: '{"__proto__":{"id":"a"},"n":2}' })).toBe(same)
    expect(({} as { id?: unknown }).id).toBeUndefined()
  })

  it('parses a body once, for the id and for the handler', async () => {
    const receiver = createWebhookReceiver({ scheme: schemeOf('stripe'), secrets: 'topsecret', now: clock })
    const body = '{"id":"a"}'
    const parse = JSON.parse
    let parsed = 0
    JSON.parse = ((text: string) => {
      if (text === body) parsed++
      return parse(text)
    }) as typeof JSON.parse
    try {
      await receiver.receive({ headers: send('stripe', { body }), body }, (delivery) => delivery.json())
    } finally {
      JSON.parse = parse
    }
    expect(parsed).toBe(1)
  })
})

describe("'content'", () => {
  it.each(Object.keys(EVENT_HEADERS) as SchemeName[])('%s: tells events apart by name', async (name) => {
    const body = '{"n":1}'
    expect(await second(name, 'content', { event: 'a', body }, { event: 'b', body })).toBe(fresh)
    expect(await second(name, 'content', { event: 'a', body }, { body })).toBe(fresh)
    expect(
      await second(name, 'content', { event: 'a', body }, { event: 'a', body, id: 'd2', timestamp: NOW + 1 }),
    ).toBe(name === 'standardWebhooks' ? fresh : same)
  })

  it('fluxdrop, by default: one body is one event for each name', async () => {
    const { receive, keys } = setUp('fluxdrop')
    expect(await receive({ id: 'a', event: 'drop.created', body: '{}' })).toBe(fresh)
    expect(await receive({ id: 'b', event: 'drop.created', body: '{}' })).toBe(same)
    expect(await receive({ id: 'c', event: 'drop.deleted', body: '{}' })).toBe(fresh)
    const aside = sha256('["drop.created",null]')
    expect(keys()[0]).toEqual([{ key: `fluxdrop:content:${aside}:${sha256('{}')}` }])
  })

  it('includes a signed id and the event, and neither can pass for the other', async () => {
    const scheme = defineScheme({
      name: 'acme',
      headers: { signature: 'x-sign', deliveryId: 'x-id', event: 'x-event' },
      signed: ['deliveryId', '.', 'body'],
      signature: singleSignature({ encoding: hex }),
      dedupeBy: 'content',
    })
    const receiver = createWebhookReceiver({ scheme, secrets: 's', now: clock })
    const signer = createWebhookSigner({ scheme, secrets: 's', now: clock })
    const receive = async (deliveryId: string, event?: string) => {
      const headers = { ...signer.sign({ body: 'x', deliveryId }), ...(event ? { 'x-event': event } : {}) }
      return (await receiver.receive({ headers, body: 'x' }, () => {})).code
    }
    const pairs: [string, string?][] = [
      ['a'],
      ['b'],
      ['a', 'b'],
      ['b', 'a'],
      ['a","b'],
      ['a', 'null'],
      ['null', 'a'],
      ['["b",null]'],
    ]
    for (const pair of pairs) expect([pair, await receive(...pair)]).toEqual([pair, fresh])
    for (const pair of pairs) expect([pair, await receive(...pair)]).toEqual([pair, same])
  })
})

describe("the receiver's dedupeBy", () => {
  const body = '{"id":"a","n":1}'
  const changed = '{"id":"a","n":2}'

  it.each(SCHEME_NAMES.filter((name) => schemeOf(name).headers.deliveryId.length > 0))(
    "%s: 'deliveryId' is the id alone",
    async (name) => {
      expect(await second(name, 'deliveryId', { id: 'x', body }, { id: 'x', body: changed })).toBe(same)
      expect(await second(name, 'deliveryId', { id: 'x', body }, { id: 'y', body })).toBe(fresh)
    },
  )

  it.each(SCHEME_NAMES)("%s: { bodyId } is the body's id alone", async (name) => {
    expect(await second(name, { bodyId: '/id' }, { id: 'x', body }, { id: 'y', body: changed })).toBe(same)
    expect(await second(name, { bodyId: '/n' }, { id: 'x', body }, { id: 'x', body: changed })).toBe(fresh)
  })

  it.each(SCHEME_NAMES)("%s: 'content' is the body", async (name) => {
    expect(await second(name, 'content', { body }, { body, timestamp: NOW + 1 })).toBe(same)
    expect(await second(name, 'content', { body }, { body: changed })).toBe(fresh)
  })

  it.each(['chronomind', 'fluxdrop', 'github', 'shopify', 'fluxora', 'standardWebhooks'] as const)(
    "%s: 'deliveryIdAndContent' binds the id to the body, and the attempt to the id",
    async (name) => {
      const by = 'deliveryIdAndContent'
      expect(await second(name, by, { id: 'x', body }, { id: 'x', body })).toBe(same)
      expect(await second(name, by, { id: 'x', body }, { id: 'x', body: changed })).toBe(clash)
      // If the id is signed, the same body under another id comes from the sender: it is not a copy.
      expect(await second(name, by, { id: 'x', body }, { id: 'y', body })).toBe(clash)
      expect(await second(name, by, { id: 'x', body }, { id: 'y', body: changed })).toBe(fresh)
    },
  )

  it.each(['chronomind', 'fluxdrop', 'github', 'shopify'] as const)(
    '%s: without an id header, any choice falls back to the content',
    async (name) => {
      for (const dedupeBy of ['deliveryId', 'deliveryIdAndContent'] as const) {
        const { receive } = setUp(name, { dedupeBy })
        expect(await receive({ body, isAnonymous: true })).toBe(fresh)
        expect(await receive({ body, isAnonymous: true, timestamp: NOW + 1 })).toBe(same)
        expect(await receive({ body: changed, isAnonymous: true })).toBe(fresh)
      }
    },
  )

  it.each(['chronomind', 'fluxdrop', 'github', 'shopify'] as const)(
    "%s: under 'deliveryIdAndContent' a captured attempt does not come back as new without its id",
    async (name) => {
      for (const event of [undefined, 'other']) {
        const stripped = { body, isAnonymous: true, ...(event ? { event } : {}) }
        expect(await second(name, 'deliveryIdAndContent', { body }, stripped)).toBe(same)
      }
    },
  )

  it.each(['stripe', 'slack', 'stellarPayment'] as const)('%s has no id in a header: content', async (name) => {
    for (const dedupeBy of ['deliveryId', 'deliveryIdAndContent'] as const) {
      expect(await second(name, dedupeBy, { body }, { body, timestamp: NOW + 1 })).toBe(same)
      expect(await second(name, dedupeBy, { body }, { body: changed })).toBe(fresh)
    }
  })

  it('is replaced by dedupeKey', async () => {
    const { receive, keys } = setUp('stripe', { dedupeBy: 'content', dedupeKey: () => 'mine' })
    expect(await receive({ body })).toBe(fresh)
    expect(await receive({ body: changed })).toBe(same)
    expect(keys()[0]).toEqual([{ key: `stripe:custom:${sha256('"mine"')}` }])
  })

  it('is read once, when the receiver is created', async () => {
    const dedupeBy = { bodyId: '/id' }
    const { receive } = setUp('fluxdrop', { dedupeBy })
    expect(await receive({ body })).toBe(fresh)
    dedupeBy.bodyId = '/n'
    expect(await receive({ body: changed })).toBe(same)
  })
})

describe('keys', () => {
  it('do not change between releases, because durable stores keep them for weeks', async () => {
    const keysOf = async (name: SchemeName, sent: Sent, options: Partial<WebhookReceiverOptions> = {}) => {
      const { receive, keys } = setUp(name, options)
      await receive(sent)
      return keys()[0]
    }
    expect(await keysOf('stripe', { body: '{"id":"evt_1"}' })).toEqual([
      { key: `stripe:body:${sha256('["/id","evt_1"]')}` },
    ])
    expect(await keysOf('slack', { body: '{"event_id":7}' }, { namespace: 'shop' })).toEqual([
      { key: `shop:body:${sha256('["/event_id",7]')}` },
    ])
    expect(await keysOf('github', { id: 'g1' })).toEqual([{ key: `github:id:${sha256('g1')}` }])
    expect(await keysOf('github', { body: '{}', event: 'push' }, { dedupeBy: 'content' })).toEqual([
      { key: `github:content:${sha256('["push",null]')}:${sha256('{}')}` },
    ])
    expect(await keysOf('chronomind', { body: '[]', isAnonymous: true }, { dedupeBy: 'deliveryIdAndContent' })).toEqual(
      [{ key: `chronomind:content::${sha256('[]')}` }, { key: `chronomind:content:${NOW}:${sha256('[]')}` }],
    )
  })

  it.each(SCHEME_NAMES)('%s: are the same with either engine', async (name) => {
    for (const dedupeBy of [undefined, 'deliveryId', 'content', 'deliveryIdAndContent', { bodyId: '/é' }] as const) {
      const options = (dedupe: ReturnType<typeof spyStore>) =>
        ({ scheme: schemeOf(name), secrets: secretOf(name), now: clock, dedupe, dedupeBy }) as const
      const [byNode, byWeb] = [spyStore(), spyStore()]
      const body = '{"é":"ü","id":"\\ud800"}'
      const input = { headers: { ...send(name, { body }), [EVENT_HEADERS[name] ?? 'x-event']: 'naïve' }, body }
      await createWebhookReceiver(options(byNode)).receive(input, () => {})
      await receiverOver({ proof: webEngine, inflater: webInflater }, options(byWeb)).receive(input, () => {})
      expect(byNode.calls).toHaveLength(2)
      expect(byWeb.calls[0]).toEqual(byNode.calls[0])
    }
  })

  it('contain nothing from the delivery', async () => {
    for (const dedupeBy of ['deliveryId', 'content', 'deliveryIdAndContent', { bodyId: '/plain' }] as const) {
      const { receive, keys } = setUp('fluxdrop', { dedupeBy })
      await receive({ id: 'plain-id', body: '{"plain":"plain-body"}', event: 'plain-event' })
      expect(JSON.stringify(keys())).not.toContain('plain')
    }
  })

  // Pieces that could make a namespace look like another one's keys.
  const digest = sha256('d1')
  const piece = fc.constantFrom(
    ':',
    'id',
    'content',
    'body',
    'custom',
    '::',
    digest,
    'a',
    String(NOW),
    '',
    '\0',
    '\ud800',
  )
  const namespace = fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map((pieces) => pieces.join(''))
    .filter((text) => text !== '')
  const sent = fc.record({
    name: fc.constantFrom<SchemeName>('fluxora', 'chronomind', 'github', 'fluxdrop', 'standardWebhooks'),
    dedupeBy: fc.constantFrom<DedupeBy>('deliveryId', 'content', 'deliveryIdAndContent', { bodyId: '/id' }),
    key: fc.option(
      piece.filter((text) => text !== ''),
      { nil: undefined, freq: 4 },
    ),
    namespace,
    id: fc.constantFrom('d1', 'd2', digest),
    body: fc.constantFrom('{}', '{"id":1}', '{"id":"1"}', `{"id":"${digest}"}`, 'd1'),
  })

  it('of two namespaces are never the same, whatever the namespaces contain and whatever is sent', async () => {
    const keysOf = async (each: typeof sent extends fc.Arbitrary<infer Value> ? Value : never) => {
      const { receive, keys } = setUp(each.name, {
        namespace: each.namespace,
        dedupeBy: each.dedupeBy,
        ...(each.key === undefined ? {} : { dedupeKey: () => each.key as string }),
      })
      expect(await receive({ id: each.id, body: each.body })).toBe('ok')
      return (keys()[0] as { key: string }[]).map(({ key }) => key)
    }
    await fc.assert(
      fc.asyncProperty(sent, sent, async (one, other) => {
        fc.pre(one.namespace !== other.namespace)
        const theirs = await keysOf(other)
        for (const key of await keysOf(one)) expect(theirs).not.toContain(key)
      }),
      { numRuns: 2000 },
    )
  })
})
