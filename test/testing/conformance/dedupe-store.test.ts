// The conformance kit checks every answer: a store that gives one wrong answer fails the test that asked, with a sentence about what it
// did and what it should have done. The clock is a fake one, so no lease expires by chance.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dedupeStoreConformance } from '../../../src/testing/index.ts'
import {
  type Claim,
  type ClaimResult,
  type DedupeKey,
  type DedupeStore,
  memoryDedupeStore,
} from '../../../src/webhook/index.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const TOO_SHORT = 'A token must be text of at least 16 characters, too long to be guessed.'

type Answer = ClaimResult | boolean
type Spoil = (answer: Answer, nth: number) => Answer

interface Registered {
  readonly suite: string
  readonly title: string
  readonly run: (store: DedupeStore) => Promise<string>
}

/** The tests of the kit. Each resolves to its failure message, or to an empty text if the store passes. */
function suite(name = 'mine', shortMs?: number): Registered[] {
  const tests: Registered[] = []
  let store: DedupeStore
  let title = ''
  dedupeStoreConformance(name, () => store, {
    describe: (suite, body) => {
      title = suite
      body()
    },
    it: (each, body) => {
      const run = (tested: DedupeStore): Promise<string> => {
        store = tested
        return body().then(
          () => '',
          (error) => String(error.message).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'),
        )
      }
      tests.push({ suite: title, title: each, run })
    },
    shortMs,
  })
  return tests
}

/** A correct store whose calls all go through `pass`. */
function around(pass: <Result extends Answer>(ask: () => Promise<Result>) => Promise<Result>): DedupeStore {
  const inner = memoryDedupeStore()
  return {
    claim: (request) => pass(() => inner.claim(request)),
    commit: (claim, ms) => pass(() => inner.commit(claim, ms)),
    release: (claim) => pass(() => inner.release(claim)),
    extend: (claim, ms) => pass(() => inner.extend!(claim, ms)),
  }
}

/** A correct store whose answers `spoil` may change. Answers are counted from 0. */
function spoilt(spoil: Spoil): DedupeStore {
  let count = 0
  return around(<Result extends Answer>(ask: () => Promise<Result>) => {
    const nth = count++
    return ask().then((right) => spoil(right, nth) as Result)
  })
}

/** A correct store that records what it is asked and takes a millisecond for each answer. Its tokens end with `end`. */
function traced(calls: string[], end: string): DedupeStore {
  const inner = memoryDedupeStore()
  const prefixes: string[] = []
  const tokens = new Map<string, string>()
  const say = (line: string): void => {
    const last = calls.at(-1)
    const [, text = last, count = '1'] = /^(.*) x(\d+)$/.exec(last ?? '') ?? []
    if (text === line) calls[calls.length - 1] = `${line} x${Number(count) + 1}`
    else calls.push(line)
  }
  /** A key that was not seen before is `new`; any other has a number. */
  const nameOf = ({ key, fingerprint }: DedupeKey): string => {
    const [, prefix = String(key), rest = ''] = /^(conformance:[0-9a-f-]{36})([\s\S]*)$/.exec(key ?? '') ?? []
    const mark = (text: string): string =>
      text.length > 20 ? `${text.length} characters, ${text.at(-1)}` : JSON.stringify(text)
    const known = prefixes.includes(prefix)
    if (!known) prefixes.push(prefix)
    const name =
      (known ? String(prefixes.indexOf(prefix)) : prefix.startsWith('conf') ? 'new' : prefix) + (rest && mark(rest))
    const about = prefixes.indexOf(fingerprint ?? 'none')
    return fingerprint === undefined ? name : `${name}#${about < 0 ? mark(fingerprint) : about}`
  }
  const holder = (token: string): string => {
    const own = [...tokens.keys()].indexOf(token)
    if (own >= 0) return `by token ${own}`
    const near = [...tokens.keys()].findIndex(
      (known) => known.slice(0, -1) === token.slice(0, -1) && known.length === token.length,
    )
    return near >= 0 ? `by a token that is nearly ${near}` : `by ${JSON.stringify(token)}`
  }
  const settle = async <Result>(
    line: string,
    claim: Claim,
    act: (claim: Claim) => Promise<Result>,
  ): Promise<Result> => {
    say(`${line} ${claim.keys.map(nameOf).join(', ')} ${holder(claim.token)}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
    return act({ ...claim, token: tokens.get(claim.token) ?? claim.token })
  }
  return {
    async claim(request) {
      say(`claim ${request.keys.map(nameOf).join(', ')} for ${request.leaseMs}, bound for ${request.bindMs}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
      const answer = await inner.claim(request)
      if (answer.status !== 'claimed') return answer
      const token = `${answer.claim.token}${end}`
      tokens.set(token, answer.claim.token)
      return { ...answer, claim: { ...answer.claim, token } }
    },
    commit: (claim, ms) => settle(`commit for ${ms}:`, claim, (own) => inner.commit(own, ms)),
    release: (claim) => settle('release:', claim, (own) => inner.release(own)),
    extend: (claim, ms) => settle(`extend for ${ms}:`, claim, (own) => inner.extend!(own, ms)),
  }
}

/** The wrong answers that could be given in place of a right one. */
function wrongInstead(answer: Answer): Answer[] {
  if (typeof answer === 'boolean') return [!answer]
  const all: ClaimResult[] = [
    { status: 'claimed', claim: { token: 'a token of its own', keys: [] } },
    { status: 'in_progress', retryAfterMs: 1 },
    { status: 'duplicate' },
    { status: 'conflict' },
  ]
  return all.filter(({ status }) => status !== answer.status)
}

/** Starts all runs at once and moves the fake clock until they have ended. */
async function ended<T>(runs: Promise<T>[]): Promise<T[]> {
  const all = Promise.all(runs)
  await vi.advanceTimersByTimeAsync(20_000)
  return all
}

describe('the conformance kit for dedupe stores', () => {
  it('asks a correct store this, in this order, with these times', async () => {
    const trace = async (end: string): Promise<Record<string, string[]>> => {
      const asked: Record<string, string[]> = {}
      for (const { suite: name, title, run } of suite('my store')) {
        expect(name).toBe('my store: dedupe store conformance')
        const calls: string[] = []
        expect(await ended([run(traced(calls, end))])).toEqual([''])
        asked[title] = calls
      }
      return asked
    }
    const asked = await trace('0')
    expect(asked).toMatchSnapshot()
    // Whatever a token ends with, the kit tries one that differs in its last character only.
    expect(await trace('1')).toEqual(asked)
  })

  it('finds every wrong answer, and says what is wrong with it', async () => {
    const found: Record<string, string[]> = {}
    for (const { title, run } of suite('my store', 60)) {
      const answers: Answer[] = []
      const note: Spoil = (answer) => {
        answers.push(answer)
        return answer
      }
      await ended([run(spoilt(note))])
      // Of hundreds of similar answers, the first and the last ones.
      const nths = [...answers.keys()].filter((nth) => nth < 40 || nth >= answers.length - 10)
      const lies = nths.flatMap((nth) => wrongInstead(answers[nth]!).map((wrong) => [nth, wrong] as const))
      const said = await ended(lies.map(([at, wrong]) => run(spoilt((answer, nth) => (nth === at ? wrong : answer)))))
      found[title] = [...new Set(said)]
    }
    expect(found).toMatchSnapshot()
    // A full store may refuse any claim. Of overlapping sets, any may win.
    const lenient = Object.keys(found).filter((title) => found[title]!.includes(''))
    expect(lenient).toEqual([
      'never gives one key to two claims, however their key sets overlap',
      'keeps live claims, however many new ones arrive',
    ])
  })

  it.each<[string, string, Partial<ClaimResult & { status: 'in_progress' }>]>([
    [
      'no time left',
      'retryAfterMs must be above 0 and at most the lease of 60000 ms, but it was 0.',
      { retryAfterMs: 0 },
    ],
    [
      'more time than the lease',
      'retryAfterMs must be above 0 and at most the lease of 60000 ms, but it was 60001.',
      { retryAfterMs: 60_001 },
    ],
    [
      'more time than a short lease',
      'retryAfterMs must be at most the lease of 60 ms, but it was 61.',
      { retryAfterMs: 61 },
    ],
    [
      'the time of the lease before it was extended',
      'After extend(), retryAfterMs must be that of the new lease of 60000 ms, but it was 60.',
      { retryAfterMs: 60 },
    ],
  ])('finds a store that reports %s', async (_what, message, wrong) => {
    const spoil: Spoil = (answer) =>
      typeof answer === 'object' && answer.status === 'in_progress' ? { ...answer, ...wrong } : answer
    expect(await ended(suite('my store', 60).map(({ run }) => run(spoilt(spoil))))).toContain(message)
  })

  it.each<[string, string, (claim: Claim, nth: number) => unknown]>([
    ['is short', TOO_SHORT, (claim) => ({ ...claim, token: 'x'.repeat(15) })],
    ['is just long enough', '', (claim, nth) => ({ ...claim, token: String(nth).padEnd(16, 'x') })],
    ['is a number', TOO_SHORT, (claim, nth) => ({ ...claim, token: nth })],
    ['is an object', TOO_SHORT, (claim) => ({ ...claim, token: 'x'.repeat(20).split('') })],
    [
      'is that of another claim',
      'Two claims must not have the same token, but these two do.',
      (claim) => ({ ...claim, token: 'x'.repeat(20) }),
    ],
    [
      'comes with other keys',
      'A claim must name the keys of its request: [{"key":"conformance:<uuid>"}], but the store gave [].',
      (claim) => ({ ...claim, keys: [] }),
    ],
  ])('checks a claim whose token %s', async (_what, message, change) => {
    const spoil: Spoil = (answer, nth) =>
      typeof answer === 'object' && answer.status === 'claimed'
        ? { ...answer, claim: change(answer.claim, nth) as Claim }
        : answer
    const first = suite('my store', 60)[0]!
    expect(await first.run(spoilt(spoil))).toBe(message)
  })

  it.each([0, 30, 59, 60, 61, 100])('passes a store that takes %i ms, with leases of 60 ms', async (delay) => {
    for (const [before, after] of [
      [delay, 0],
      [0, delay],
      [delay, delay],
    ] as const) {
      const slow = around(async (ask) => {
        await new Promise((resolve) => setTimeout(resolve, before))
        const answer = await ask()
        await new Promise((resolve) => setTimeout(resolve, after))
        return answer
      })
      const said = await ended(suite('my store', 60).map(({ run }) => run(slow)))
      expect(new Set(said)).toEqual(new Set(['']))
    }
  })

  it('finds a key that two claims hold', async () => {
    const inner = memoryDedupeStore()
    const generous: DedupeStore = {
      ...inner,
      async claim(request) {
        const answer = await inner.claim(request)
        if (answer.status !== 'in_progress') return answer
        return { status: 'claimed', claim: { token: crypto.randomUUID(), keys: request.keys } }
      },
    }
    const test = suite('my store').find(({ title }) => title.startsWith('never gives one key to two claims'))
    expect(await test?.run(generous)).toMatch(/^Each key must go to one claim, but 5 keys were given out \d\d times\.$/)
  })

  it('passes a store that refuses new claims while it is full', async () => {
    const inner = memoryDedupeStore()
    let held = 0
    const full: DedupeStore = {
      ...inner,
      claim: async (request) => (held++ > 50 && held < 258 ? Promise.reject(new Error('full')) : inner.claim(request)),
    }
    const test = suite('my store').find(({ title }) => title.startsWith('keeps live claims'))
    expect(await test?.run(full)).toBe('')
  })

  it.each([[undefined], [null], [true], [{}]])('finds a store that answers a claim with %j', async (answer) => {
    const silent = { ...memoryDedupeStore(), claim: async () => answer as never }
    const said = await ended(suite('my store', 60).map(({ run }) => run(silent)))
    const shown = JSON.stringify(answer)
    expect(said[0]).toBe(`claim() must resolve to an object with a status, but the store gave ${shown}.`)
  })

  it('skips extend if a store has none', async () => {
    const { extend: _, ...store } = memoryDedupeStore()
    expect(new Set(await ended(suite('my store', 60).map(({ run }) => run(store))))).toEqual(new Set(['']))
  })
})
