// One suite for every dedupe store, this library's and yours: what `DedupeStore` promises, asked of a store from outside.

import type { Claim, ClaimResult, DedupeKey, DedupeStore } from '../../stores/contract.ts'

/** What the suite needs of a test runner: vitest's, jest's, mocha's, bun's and node:test's functions fit. */
export interface ConformanceRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
  /** How long a short lease lasts in the suite: 250 by default, more for a store that answers slowly. */
  readonly shortMs?: number | undefined
}

/**
 * Registers the conformance suite for a store. Each test makes a store and uses keys of its own, so `makeStore` may hand out the same
 * one. The suite waits for real leases to run out; it takes a few seconds.
 *
 * @example
 * import { describe, it } from 'vitest'
 * dedupeStoreConformance('my store', () => myDedupeStore(connection), { describe, it })
 */
export function dedupeStoreConformance(
  name: string,
  makeStore: () => DedupeStore | Promise<DedupeStore>,
  runner: ConformanceRunner,
): void {
  const { describe, it, shortMs = 250 } = runner
  describe(`${name}: dedupe store conformance`, () => {
    for (const [title, check] of CHECKS) it(title, async () => check(await makeStore(), shortMs))
  })
}

type Check = readonly [title: string, check: (store: DedupeStore, shortMs: number) => Promise<void>]

const MINUTE = 60_000

const CHECKS: readonly Check[] = [
  [
    'claims a key that nobody knows, under a token of its own',
    async (store) => {
      const keys = [{ key: unique() }]
      const claim = await claimed(store, keys)
      const other = await claimed(store, [{ key: unique() }])
      equal(claim.keys, keys, 'the keys of the claim')
      check(
        typeof claim.token === 'string' && claim.token.length >= 16,
        'a token must be long enough not to be guessed',
      )
      check(claim.token !== other.token, 'two claims must not share a token')
    },
  ],
  [
    'answers in_progress, with the time that is left, while a claim is held',
    async (store) => {
      const keys = [{ key: unique() }]
      await claimed(store, keys)
      const answer = await request(store, keys)
      equal(answer.status, 'in_progress', 'a second claim')
      const left = answer.status === 'in_progress' ? answer.retryAfterMs : Number.NaN
      check(left > 0 && left <= MINUTE, `retryAfterMs must be within the lease, and is ${left}`)
    },
  ],
  [
    'gives a key to exactly one of many who claim it at once',
    async (store) => {
      for (let round = 0; round < 4; round++) {
        const keys = [{ key: unique() }, { key: unique(), fingerprint: 'same' }]
        const answers = await Promise.all(times(24, () => request(store, keys)))
        equal(tally(answers), { claimed: 1, in_progress: 23 }, 'the answers to 24 claims at once')
      }
    },
  ],
  [
    'gives a released key, and a dead one, to exactly one of many',
    async (store, shortMs) => {
      const released = [{ key: unique() }]
      await settled(store.release(await claimed(store, released)), true, 'release')
      const dead = [{ key: unique() }]
      await claimed(store, dead, shortMs)
      await pass(shortMs)
      for (const keys of [released, dead]) {
        const answers = await Promise.all(times(24, () => request(store, keys)))
        equal(tally(answers), { claimed: 1, in_progress: 23 }, 'the answers to 24 claims at once')
      }
    },
  ],
  [
    'answers duplicate once a claim is committed, to everyone',
    async (store) => {
      const keys = [{ key: unique() }]
      await settled(store.commit(await claimed(store, keys), MINUTE), true, 'commit')
      const answers = await Promise.all(times(8, () => request(store, keys)))
      equal(tally(answers), { duplicate: 8 }, 'claims after a commit')
    },
  ],
  [
    'lets a released key be claimed again, at once',
    async (store) => {
      const keys = [{ key: unique() }, { key: unique() }]
      await settled(store.release(await claimed(store, keys)), true, 'release')
      await settled(store.commit(await claimed(store, keys), MINUTE), true, 'commit')
    },
  ],
  [
    'settles a claim once only',
    async (store) => {
      const committed = await claimed(store, [{ key: unique() }])
      await settled(store.commit(committed, MINUTE), true, 'commit')
      await settled(store.commit(committed, MINUTE), false, 'a second commit')
      await settled(store.release(committed), false, 'release after commit')
      if (store.extend) await settled(store.extend(committed, MINUTE), false, 'extend after commit')
      equal((await request(store, committed.keys)).status, 'duplicate', 'a claim after all that')

      const released = await claimed(store, [{ key: unique() }, { key: unique(), fingerprint: 'bound' }])
      await settled(store.release(released), true, 'release')
      await settled(store.release(released), false, 'a second release')
      await settled(store.commit(released, MINUTE), false, 'commit after release')
      if (store.extend) await settled(store.extend(released, MINUTE), false, 'extend after release')
      await claimed(store, released.keys)
    },
  ],
  [
    'does nothing for a token that does not hold the claim',
    async (store) => {
      const claim = await claimed(store, [{ key: unique() }, { key: unique(), fingerprint: 'mine' }])
      const forged = { token: `${claim.token.slice(0, -1)}${claim.token.endsWith('0') ? '1' : '0'}`, keys: claim.keys }
      for (const stranger of [forged, { token: '', keys: claim.keys }]) {
        await settled(store.commit(stranger, MINUTE), false, "commit of another's claim")
        await settled(store.release(stranger), false, "release of another's claim")
        if (store.extend) await settled(store.extend(stranger, 1), false, "extend of another's claim")
        equal((await request(store, claim.keys)).status, 'in_progress', 'the claim, still held')
      }
      await settled(store.commit(claim, MINUTE), true, 'commit by the holder')
      const unknown = { token: claim.token, keys: [{ key: unique() }] }
      await settled(store.commit(unknown, MINUTE), false, 'commit of keys never claimed')
      await settled(store.release(unknown), false, 'release of keys never claimed')
    },
  ],
  [
    'frees a key when its lease runs out, and no sooner',
    async (store, shortMs) => {
      const keys = [{ key: unique() }]
      const startedAt = performance.now()
      await claimed(store, keys, shortMs)
      const answer = await request(store, keys)
      if (performance.now() - startedAt < shortMs) {
        equal(answer.status, 'in_progress', 'a claim within the lease')
        if (answer.status === 'in_progress') check(answer.retryAfterMs <= shortMs, 'retryAfterMs is beyond the lease')
        await pass(shortMs)
        await claimed(store, keys)
      }
    },
  ],
  [
    'lets a worker that comes after its lease settle, where nobody took over',
    async (store, shortMs) => {
      const sets = times(4, () => [{ key: unique() }, { key: unique(), fingerprint: 'bound' }])
      const late: Claim[] = []
      for (const keys of sets) late.push(await claimed(store, keys, shortMs))
      const alone = await claimed(store, [{ key: unique() }], shortMs)
      await pass(shortMs)
      await settled(store.commit(alone, MINUTE), true, 'commit of one key after the lease')
      equal((await request(store, alone.keys)).status, 'duplicate', 'a claim of one key after its late commit')
      await settled(store.commit(late[0]!, MINUTE), true, 'commit of a set after the lease')
      await settled(store.commit(late[0]!, MINUTE), false, 'a second commit after the lease')
      for (const key of sets[0]!) equal((await request(store, [key])).status, 'duplicate', 'each key committed late')

      await settled(store.release(late[1]!), true, 'release after the lease')
      await settled(store.commit(late[1]!, MINUTE), false, 'commit after a late release')
      const forged = [{ key: sets[1]![1]!.key, fingerprint: 'forged' }]
      equal((await request(store, forged)).status, 'conflict', 'a key released late, with another fingerprint')
      await claimed(store, sets[1]!)

      if (store.extend) {
        await settled(store.extend(late[2]!, MINUTE), true, 'extend after the lease')
        equal((await request(store, sets[2]!)).status, 'in_progress', 'a claim after a late extend')
        await settled(store.commit(late[2]!, MINUTE), true, 'commit after a late extend')
      }

      // A request that is turned away binds what it came with. It takes nothing over.
      const turnedAway = await request(store, [alone.keys[0]!, sets[3]![1]!])
      equal(turnedAway.status, 'duplicate', 'a request with a committed key')
      await settled(store.commit(late[3]!, MINUTE), true, 'commit after another was turned away')
    },
  ],
  [
    'fences off a worker that comes after its lease, once another took over',
    async (store, shortMs) => {
      const keys = [{ key: unique() }, { key: unique(), fingerprint: 'bound' }]
      const late = await claimed(store, keys, shortMs)
      await pass(shortMs)
      const next = await claimed(store, keys)
      await settled(store.commit(late, MINUTE), false, 'commit after another took over')
      await settled(store.release(late), false, 'release after another took over')
      if (store.extend) await settled(store.extend(late, MINUTE), false, 'extend after another took over')
      equal((await request(store, keys)).status, 'in_progress', "the other's claim")
      await settled(store.commit(next, MINUTE), true, 'commit by the one who took over')
    },
  ],
  [
    'fences off a worker that comes after its lease, also where the other one is done, or late itself',
    async (store, shortMs) => {
      const refused = async (late: Claim, what: string): Promise<void> => {
        await settled(store.commit(late, MINUTE), false, `commit after another ${what}`)
        await settled(store.release(late), false, `release after another ${what}`)
        if (store.extend) await settled(store.extend(late, MINUTE), false, `extend after another ${what}`)
      }
      const late: Claim[] = []
      for (let n = 0; n < 4; n++) {
        late.push(await claimed(store, [{ key: unique() }, { key: unique(), fingerprint: 'bound' }], shortMs))
      }
      const [released, committed, forgotten, lapsed] = late as [Claim, Claim, Claim, Claim]
      await pass(shortMs)

      await settled(store.release(await claimed(store, released.keys)), true, 'release by the one who took over')
      await refused(released, 'released')
      await claimed(store, released.keys)
      await settled(store.commit(await claimed(store, committed.keys), MINUTE), true, 'commit by the one who took over')
      await refused(committed, 'committed')
      equal((await request(store, committed.keys)).status, 'duplicate', "a claim after the other's commit")

      await settled(store.commit(await claimed(store, forgotten.keys), shortMs), true, 'commit for a short time')
      const heir = await claimed(store, lapsed.keys, shortMs)
      await pass(shortMs)
      await refused(forgotten, 'committed and was forgotten')
      await refused(lapsed, 'was late too')
      await settled(store.commit(heir, MINUTE), true, 'commit by the last of those who were late')
    },
  ],
  [
    'extends a lease to leaseMs from now',
    async (store, shortMs) => {
      if (!store.extend) return
      const keys = [{ key: unique() }, { key: unique(), fingerprint: 'bound' }]
      const startedAt = performance.now()
      const claim = await claimed(store, keys, shortMs)
      const isExtended = await store.extend(claim, MINUTE)
      if (performance.now() - startedAt >= shortMs) return
      equal(isExtended, true, 'extend')
      await pass(shortMs)
      const answer = await request(store, keys)
      equal(answer.status, 'in_progress', 'a claim after the first lease')
      if (answer.status === 'in_progress')
        check(answer.retryAfterMs > shortMs, 'retryAfterMs is that of the first lease')
      await settled(store.extend(claim, shortMs), true, 'extend to less')
      await pass(shortMs)
      await claimed(store, keys)
    },
  ],
  [
    'takes all keys of a request or none',
    async (store) => {
      const [a, b, c] = [{ key: unique() }, { key: unique() }, { key: unique() }]
      const held = await claimed(store, [b])
      for (const keys of [
        [a, b, c],
        [c, b],
        [b, a],
      ]) {
        equal((await request(store, keys)).status, 'in_progress', 'a set with a key that is held')
      }
      await settled(store.commit(held, MINUTE), true, 'commit')
      equal((await request(store, [a, b, c])).status, 'duplicate', 'a set with a key that is committed')
      await claimed(store, [a])
      await claimed(store, [c])
    },
  ],
  [
    'lets no two claims hold the same key, however the sets overlap',
    async (store) => {
      for (let round = 0; round < 4; round++) {
        const pool = times(5, () => ({ key: unique() }))
        const sets = times(20, (n) => [...new Set([pool[n % 5]!, pool[(n * 2 + 1) % 5]!, pool[(n * 3 + 2) % 5]!])])
        const answers = await Promise.all(sets.map((keys) => request(store, keys)))
        const { claimed: some = 0, in_progress: others = 0 } = tally(answers)
        equal(some + others, sets.length, 'answers of claimed or in_progress')
        const taken = answers.flatMap((answer) => (answer.status === 'claimed' ? answer.claim.keys : []))
        equal(new Set(taken.map(({ key }) => key)).size, taken.length, 'keys held, against keys held once')
        for (const key of pool) {
          equal(
            (await request(store, [key])).status,
            taken.includes(key) ? 'in_progress' : 'claimed',
            'a key afterwards',
          )
        }
      }
    },
  ],
  [
    'commits and releases a set only while every key of it is held',
    async (store, shortMs) => {
      const [a, b] = [
        { key: unique(), fingerprint: 'a' },
        { key: unique(), fingerprint: 'b' },
      ]
      const late = await claimed(store, [a, b], shortMs)
      await pass(shortMs)
      const next = await claimed(store, [b])
      await settled(store.commit(late, MINUTE), false, 'commit of a set of which one key was lost')
      await settled(store.release(late), false, 'release of a set of which one key was lost')
      equal((await request(store, [b])).status, 'in_progress', 'the key that was taken over')
      await claimed(store, [a])
      await settled(store.commit(next, MINUTE), true, 'commit of the key that was taken over')

      const held = await claimed(store, [{ key: unique() }])
      const more = { token: held.token, keys: [...held.keys, { key: unique() }] }
      await settled(store.commit(more, MINUTE), false, 'commit of a set of which one key was never claimed')
      await settled(store.release(more), false, 'release of a set of which one key was never claimed')
      equal((await request(store, held.keys)).status, 'in_progress', 'the key that was claimed')
      await settled(store.release(held), true, 'release of the key that was claimed')
    },
  ],
  [
    'commits every key of a set',
    async (store) => {
      const keys = times(3, () => ({ key: unique() }))
      await settled(store.commit(await claimed(store, keys), MINUTE), true, 'commit')
      for (const key of keys) equal((await request(store, [key])).status, 'duplicate', 'each key alone')
    },
  ],
  [
    'forgets a committed key after its retention, and no sooner',
    async (store, shortMs) => {
      const [short, long] = [[{ key: unique() }], [{ key: unique() }]]
      await settled(store.commit(await claimed(store, long), MINUTE), true, 'commit')
      const claim = await claimed(store, short)
      const startedAt = performance.now()
      await settled(store.commit(claim, shortMs), true, 'commit')
      const { status } = await request(store, short)
      if (performance.now() - startedAt < shortMs) equal(status, 'duplicate', 'a claim within the retention')
      await pass(shortMs)
      if (status === 'duplicate') await claimed(store, short)
      equal((await request(store, long)).status, 'duplicate', 'a claim within a longer retention')
    },
  ],
  [
    'keeps a committed key for as long as it is told: longer than the lease, for ever',
    async (store, shortMs) => {
      const sets = times(2, () => [{ key: unique() }])
      const claims: Claim[] = []
      for (const keys of sets) claims.push(await claimed(store, keys, 4 * shortMs))
      const startedAt = performance.now()
      const results = [
        await store.commit(claims[0]!, Number.POSITIVE_INFINITY),
        await store.commit(claims[1]!, 30 * 86_400_000),
      ]
      if (performance.now() - startedAt > 3 * shortMs) return
      equal(results, [true, true], 'the commits')
      await pass(4 * shortMs)
      for (const keys of sets) equal((await request(store, keys)).status, 'duplicate', 'a claim after the lease')
    },
  ],
  [
    'answers conflict to a known key with another fingerprint, before duplicate and before in_progress',
    async (store) => {
      const [id, other] = [unique(), unique()]
      const claim = await claimed(store, [{ key: id, fingerprint: 'body' }])
      const changed = [{ key: other }, { key: id, fingerprint: 'another body' }]
      equal((await request(store, changed)).status, 'conflict', 'a held key with another fingerprint')
      await settled(store.commit(claim, MINUTE), true, 'commit')
      equal((await request(store, changed)).status, 'conflict', 'a committed key with another fingerprint')
      const held = await claimed(store, [{ key: other }])
      equal((await request(store, changed)).status, 'conflict', 'conflict beside in_progress')
      await settled(store.commit(held, MINUTE), true, 'commit')
      equal((await request(store, changed)).status, 'conflict', 'conflict beside duplicate')
      equal((await request(store, [{ key: other }, { key: unique() }])).status, 'duplicate', 'without the conflict')
      const live = await claimed(store, [{ key: unique() }])
      equal((await request(store, [...live.keys, { key: other }])).status, 'duplicate', 'duplicate beside in_progress')
    },
  ],
  [
    'takes a key without a fingerprint for itself alone: it conflicts with nothing',
    async (store) => {
      const [plain, marked] = [unique(), unique()]
      await settled(store.commit(await claimed(store, [{ key: plain }]), MINUTE), true, 'commit')
      equal(
        (await request(store, [{ key: plain, fingerprint: 'x' }])).status,
        'duplicate',
        'a plain key, then a marked one',
      )
      await settled(store.commit(await claimed(store, [{ key: marked, fingerprint: '' }]), MINUTE), true, 'commit')
      equal((await request(store, [{ key: marked }])).status, 'duplicate', 'a marked key, then a plain one')
      equal(
        (await request(store, [{ key: marked, fingerprint: 'x' }])).status,
        'conflict',
        'an empty fingerprint is one',
      )
    },
  ],
  [
    'writes nothing where it answers conflict',
    async (store) => {
      const known = unique()
      await claimed(store, [{ key: known, fingerprint: 'mine' }])
      const [first, second] = [unique(), unique()]
      const keys = [
        { key: first, fingerprint: '1' },
        { key: second, fingerprint: '2' },
        { key: known, fingerprint: 'theirs' },
      ]
      equal((await request(store, keys)).status, 'conflict', 'the request')
      await claimed(store, [
        { key: first, fingerprint: 'another' },
        { key: second, fingerprint: 'another' },
      ])
    },
  ],
  [
    'keeps a released key bound to its fingerprint',
    async (store) => {
      const [id, content] = [unique(), unique()]
      const keys = [
        { key: id, fingerprint: 'body' },
        { key: content, fingerprint: id },
      ]
      await settled(store.release(await claimed(store, keys)), true, 'release')
      equal((await request(store, [{ key: id, fingerprint: 'forged' }])).status, 'conflict', 'the id with another body')
      const moved = [
        { key: unique(), fingerprint: 'body' },
        { key: content, fingerprint: 'another id' },
      ]
      equal((await request(store, moved)).status, 'conflict', 'the content under another id')
      await claimed(store, keys)
    },
  ],
  [
    'keeps a key bound whose lease ran out',
    async (store, shortMs) => {
      const key = unique()
      await claimed(store, [{ key, fingerprint: 'body' }], shortMs)
      await pass(shortMs)
      equal((await request(store, [{ key, fingerprint: 'forged' }])).status, 'conflict', 'another fingerprint')
      await claimed(store, [{ key, fingerprint: 'body' }])
    },
  ],
  [
    'keeps a committed key bound for bindMs, also where that is longer than its retention',
    async (store, shortMs) => {
      const keys = [{ key: unique(), fingerprint: 'body' }]
      await settled(store.commit(await claimed(store, keys), shortMs), true, 'commit')
      await pass(shortMs)
      equal((await request(store, [{ ...keys[0]!, fingerprint: 'forged' }])).status, 'conflict', 'another fingerprint')
      await claimed(store, keys)
    },
  ],
  [
    'lets the binding end after bindMs',
    async (store, shortMs) => {
      const [released, dead] = [unique(), unique()]
      const claim = await claimed(store, [{ key: released, fingerprint: 'body' }], MINUTE, shortMs)
      await claimed(store, [{ key: dead, fingerprint: 'body' }], shortMs, shortMs)
      await settled(store.release(claim), true, 'release')
      await pass(2 * shortMs)
      await claimed(store, [{ key: released, fingerprint: 'another' }])
      await claimed(store, [{ key: dead, fingerprint: 'another' }])
    },
  ],
  [
    'binds what comes with a known delivery: every key but the first, and without claiming it',
    async (store) => {
      for (const met of ['duplicate', 'in_progress']) {
        const known = { key: unique(), fingerprint: 'body' }
        const claim = await claimed(store, [known])
        if (met === 'duplicate') await settled(store.commit(claim, MINUTE), true, 'commit')
        const second = { key: unique(), fingerprint: known.key }
        equal((await request(store, [known, second])).status, met, 'the request')
        equal((await request(store, [{ ...second, fingerprint: 'x' }])).status, 'conflict', 'the second key, elsewhere')
        await claimed(store, [second])

        const first = { key: unique(), fingerprint: 'body' }
        equal((await request(store, [first, known])).status, met, 'the request with a new first key')
        await claimed(store, [{ ...first, fingerprint: 'another' }])
      }
    },
  ],
  [
    'drops no live claim, however many come after it',
    async (store) => {
      const first = await claimed(store, [{ key: unique() }])
      // A store may refuse when it is full. It may not make room at a holder's cost.
      for (let round = 0; round < 16; round++) {
        await Promise.allSettled(times(16, () => request(store, [{ key: unique() }])))
      }
      equal((await request(store, first.keys)).status, 'in_progress', 'the first claim')
      await settled(store.commit(first, MINUTE), true, 'commit of the first claim')
    },
  ],
  [
    'takes any text as a key and as a fingerprint, and keeps any two apart',
    async (store) => {
      const prefix = unique()
      const odd = [
        '',
        ' ',
        '\0',
        '\ud800',
        '\udc00',
        '\ufffd',
        '\\u0000',
        '|',
        '"',
        "'",
        '%s',
        '{a}',
        'ключ',
        '🔑',
        '\r\n',
      ]
      const keys = [...odd, 'é', 'e\u0301', 'A', 'a', '__proto__', 'k'.repeat(9000), `${'k'.repeat(8999)}l`].map(
        (text) => ({ key: prefix + text, fingerprint: text }),
      )
      const claim = await claimed(store, keys)
      for (const { key, fingerprint } of keys) {
        const shown = JSON.stringify(fingerprint.slice(0, 20))
        equal((await request(store, [{ key, fingerprint }])).status, 'in_progress', `the key ${shown}`)
        const other = fingerprint === '\ud800' ? '\udc00' : '\ud800'
        equal((await request(store, [{ key, fingerprint: other }])).status, 'conflict', `the fingerprint of ${shown}`)
      }
      await settled(store.commit(claim, MINUTE), true, 'commit')
    },
  ],
  [
    'takes the same key twice in one request for one key',
    async (store) => {
      const key = { key: unique(), fingerprint: 'body' }
      const claim = await claimed(store, [key, { ...key }, { key: unique() }])
      equal((await request(store, [key, key])).status, 'in_progress', 'a second claim')
      await settled(store.commit(claim, MINUTE), true, 'commit')
      equal((await request(store, [key])).status, 'duplicate', 'a claim after the commit')
    },
  ],
  [
    'takes fractions of a millisecond, and times beyond any calendar',
    async (store) => {
      const claim = await claimed(store, [{ key: unique(), fingerprint: 'body' }], 59_999.5, 0.25)
      if (store.extend) await settled(store.extend(claim, 59_999.25), true, 'extend')
      await settled(store.commit(claim, 1e14 + 0.5), true, 'commit')
      equal((await request(store, claim.keys)).status, 'duplicate', 'a claim after the commit')
    },
  ],
]

function request(
  store: DedupeStore,
  keys: readonly DedupeKey[],
  leaseMs: number = MINUTE,
  bindMs: number = MINUTE,
): Promise<ClaimResult> {
  return store.claim({ keys, leaseMs, bindMs })
}

async function claimed(
  store: DedupeStore,
  keys: readonly DedupeKey[],
  leaseMs?: number,
  bindMs?: number,
): Promise<Claim> {
  const answer = await request(store, keys, leaseMs, bindMs)
  if (answer.status === 'claimed') return answer.claim
  throw failure('a claim of free keys', answer.status, 'claimed')
}

async function settled(action: Promise<boolean>, expected: boolean, what: string): Promise<void> {
  equal(await action, expected, what)
}

/** A little longer than it takes, for stores whose clock ticks in whole milliseconds. */
function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms + 20))
}

function unique(): string {
  return `conformance:${crypto.randomUUID()}`
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** How often each status was answered. */
function tally(answers: readonly ClaimResult[]): Partial<Record<ClaimResult['status'], number>> {
  const counts: Partial<Record<ClaimResult['status'], number>> = {}
  for (const status of answers.map((answer) => answer.status).sort()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

function equal(actual: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw failure(what, actual, expected)
}

function failure(what: string, actual: unknown, expected: unknown): Error {
  return new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`)
}
