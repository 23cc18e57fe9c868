// The pipeline's steps by themselves: slots for headers, the order of inspect, verdicts at once or later.

import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Verification, WebhookCode } from '../../src/webhook/index.ts'
import { readChecks } from '../../src/webhook/pipeline/checks.ts'
import { findHeaders, planHeaders } from '../../src/webhook/pipeline/header-fields.ts'
import { lengthsOf, mayHold } from '../../src/webhook/pipeline/name-lengths.ts'
import { inspect, inspectUnread, judge } from '../../src/webhook/pipeline/sequence.ts'
import type { ImmediateProofEngine, ProofEngine } from '../../src/webhook/proof/engine.ts'
import { nodeEngine } from '../../src/webhook/proof/node.ts'
import { webEngine } from '../../src/webhook/proof/web.ts'
import { stellarPayment } from '../../src/webhook/schemes/index.ts'
import { type Key, readSecrets } from '../../src/webhook/secrets.ts'
import { clock, hmac, NOW, send } from './support.ts'

const checks = readChecks({ now: clock })
const body = '{}'

describe('slots', () => {
  const plan = planHeaders(stellarPayment.headers)
  const empty = {
    ok: true,
    deliveryId: undefined,
    timestamp: undefined,
    signature: undefined,
    event: undefined,
    contentEncoding: undefined,
    repeated: [],
  }

  it('are filled by name, under any alias and in any case', () => {
    const bag = { 'Stellar-Timestamp': '1', 'pluto-signature': 's', 'CONTENT-ENCODING': 'gzip', host: 'h', event: 'e' }
    expect(findHeaders(plan, bag)).toEqual({ ...empty, bag, timestamp: '1', signature: 's', contentEncoding: 'gzip' })
    expect(findHeaders(plan, {})).toEqual({ ...empty, bag: {} })
  })

  it('name a repeated field once, however often it was sent', () => {
    const bag = Array.from({ length: 5 }, () => ['stellar-timestamp', '1'] as const)
    expect(findHeaders(plan, bag)).toMatchObject({ timestamp: '1, 1, 1, 1, 1', repeated: ['timestamp'] })
  })

  it.each([
    [
      'an alias with the same value is the same header',
      [
        ['a', 'x'],
        ['b', 'x'],
      ],
      'x',
      [],
    ],
    [
      'an alias with another value is another',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
      'x, y',
      ['event'],
    ],
    [
      'the same name twice is two',
      [
        ['a', 'x'],
        ['a', 'x'],
      ],
      'x, x',
      ['event'],
    ],
    [
      'an alias twice is two, also after the first name',
      [
        ['a', 'x'],
        ['b', 'x'],
        ['b', 'x'],
      ],
      'x, x',
      ['event'],
    ],
    [
      'the first name twice is two, also around an alias',
      [
        ['a', 'x'],
        ['b', 'x'],
        ['A', 'x'],
      ],
      'x, x',
      ['event'],
    ],
    [
      'an empty value is a value',
      [
        ['a', ''],
        ['b', 'x'],
      ],
      ', x',
      ['event'],
    ],
  ] as const)('%s', (_, pairs, event, repeated) => {
    const names = planHeaders({ deliveryId: [], timestamp: [], signature: ['s'], event: ['a', 'b'] })
    expect(findHeaders(names, pairs)).toEqual({ ...empty, bag: pairs, event, repeated })
  })

  it('are refused when the bag cannot be read', () => {
    const bag = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('hostile')
        },
      },
    )
    expect(findHeaders(plan, bag)).toMatchObject({ ok: false, code: 'ambiguous_header' })
  })
})

describe('the filter by length', () => {
  it('never skips a name of its set, whatever the lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 80 })), (names) => {
        const lengths = lengthsOf(names)
        for (const name of names) expect(mayHold(lengths, name)).toBe(true)
      }),
    )
  })

  it('skips other lengths', () => {
    const lengths = lengthsOf(['x-signature', 'x-id'])
    expect(mayHold(lengths, 'host')).toBe(true)
    for (const name of ['', 'accept', 'user-agent', 'content-length']) expect(mayHold(lengths, name)).toBe(false)
  })
})

describe('inspect', () => {
  const good = send('fluxora')
  const stale = send('fluxora', { timestamp: NOW - 301 })

  it('speaks of the headers first, then of the body, then of the time', () => {
    expect(inspect(checks, {}, {})).toMatchObject({ code: 'missing_delivery_id' })
    expect(inspect(checks, stale, {})).toMatchObject({ code: 'body_already_parsed' })
    expect(inspect(checks, stale, body)).toMatchObject({ code: 'timestamp_outside_tolerance' })
    expect(inspect(checks, good, body)).toMatchObject({ ok: true, time: { timestamp: NOW, now: NOW } })
  })

  it('does without the body when that is still to be read', () => {
    expect(inspectUnread(checks, {})).toMatchObject({ code: 'missing_delivery_id' })
    expect(inspectUnread(checks, stale)).toMatchObject({ code: 'timestamp_outside_tolerance' })
    expect(inspectUnread(checks, good)).toMatchObject({ ok: true, time: { timestamp: NOW }, body: undefined })
  })

  it('reads the clock once', () => {
    let asked = 0
    const counting = readChecks({ now: () => NOW + asked++ })
    expect(inspect(counting, good, body).ok).toBe(true)
    expect(asked).toBe(1)
  })
})

describe('judge', () => {
  const unproven = inspect(checks, send('fluxora', { body }), body)
  if (!unproven.ok) throw new Error(unproven.message)

  const judgeBy = <K>(engine: ProofEngine<K>, keys: readonly Key[], imported: readonly K[]) =>
    judge(engine, checks, unproven, { keys, imported })
  const keysOf = (secrets: unknown) => readSecrets('secrets', secrets, checks.scheme)
  /** An engine whose answers come at once for some keys and later for others. */
  const mixed: ProofEngine<Key> = {
    importKey: () => keysOf('unused')[0] as Key,
    matches(key, content, candidates) {
      const isMatch = nodeEngine.matches(nodeEngine.importKey(key.material), content, candidates)
      return key.id === 'later' ? Promise.resolve(isMatch) : isMatch
    },
    digest: nodeEngine.digest,
  }

  it('answers at once if the engine does, and later if it does not', async () => {
    const keys = keysOf({ secret: 'topsecret', id: 'k' })
    const now = judgeBy(
      nodeEngine,
      keys,
      keys.map(({ material }) => nodeEngine.importKey(material)),
    )
    const later = judgeBy(webEngine, keys, await Promise.all(keys.map(({ material }) => webEngine.importKey(material))))
    expect(now).toMatchObject({ ok: true, delivery: { keyId: 'k' } })
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toEqual(now)
    const immediate: ImmediateProofEngine<ReturnType<typeof nodeEngine.importKey>> = nodeEngine
    expectTypeOf(judge(immediate, checks, unproven, { keys: [], imported: [] })).toEqualTypeOf<Verification>()
  })

  it.each([
    [['topsecret', { secret: 'other', id: 'later' }]],
    [[{ secret: 'other', id: 'later' }, 'topsecret']],
    [[{ secret: 'topsecret', id: 'later' }, 'other']],
  ])('waits for all answers of an engine that gives some at once', async (secrets) => {
    const keys = keysOf(secrets)
    expect(await judgeBy(mixed, keys, keys)).toMatchObject({ ok: true })
  })

  it('takes the first match that has not expired, and says so if all matches have', async () => {
    const expired = { secret: 'topsecret', id: 'expired', expiresAt: NOW }
    const valid = { secret: 'topsecret', id: 'valid', expiresAt: NOW + 1 }
    const verdict = (secrets: unknown) => {
      const keys = keysOf(secrets)
      return judge(nodeEngine, checks, unproven, {
        keys,
        imported: keys.map(({ material }) => nodeEngine.importKey(material)),
      })
    }
    expect(verdict([expired, valid, { ...valid, id: 'third' }])).toMatchObject({ delivery: { keyId: 'valid' } })
    expect(verdict([expired, 'other'])).toMatchObject({ code: 'previous_secret_expired' })
    expect(verdict(['other', { secret: 'another', expiresAt: 1 }])).toMatchObject({ code: 'signature_mismatch' })
  })

  it('covers exactly the timestamp, a dot and the body', () => {
    expect(unproven.head.candidates).toEqual([new Uint8Array(hmac('topsecret', `${NOW}.${body}`))])
  })
})

describe('the type of a verdict', () => {
  it('names only the codes that verify can give, and narrows by ok and by code', () => {
    type Code = Verification['code']
    expectTypeOf<Extract<Code, WebhookCode>>().toEqualTypeOf<Code>()
    expectTypeOf<
      Extract<
        Code,
        'missing_secret' | 'duplicate_delivery' | 'store_unavailable' | 'handler_failed' | 'overloaded' | 'body_timeout'
      >
    >().toEqualTypeOf<never>()
    expectTypeOf<Extract<Verification, { code: 'ok' }>['ok']>().toEqualTypeOf<true>()
    expectTypeOf<Extract<Verification, { ok: false }>['code']>().toEqualTypeOf<Exclude<Code, 'ok'>>()
  })
})
