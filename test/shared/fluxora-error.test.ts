// The base of the three error classes, and how each is recognised in another copy of the library.

import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { DecimalError, isDecimalError } from '../../src/decimal/index.ts'
import { isReorgError, ReorgError } from '../../src/reorg/index.ts'
import { brandOf, FluxoraError, isBranded } from '../../src/shared/fluxora-error.ts'
import { isWebhookError, WebhookError } from '../../src/webhook/index.ts'

interface Room {
  readonly name: string
  readonly guard: (value: unknown) => boolean
  readonly make: () => FluxoraError
  /** Own properties that can be enumerated, which is what JSON and a logger see. */
  readonly own: Record<string, unknown>
  readonly json: Record<string, unknown>
}

const refusal = { code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', message: 'No.', at: 1 } as const
const rooms: Room[] = [
  {
    name: 'DecimalError',
    guard: isDecimalError,
    make: () => new DecimalError(refusal, 'tip'),
    own: { name: 'DecimalError', code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', at: 1, field: 'tip' },
    json: { code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', at: 1, field: 'tip', message: 'No.' },
  },
  {
    name: 'WebhookError',
    guard: isWebhookError,
    make: () => new WebhookError('invalid_option', 'No.', 'secrets'),
    own: { name: 'WebhookError', code: 'invalid_option', option: 'secrets' },
    json: { name: 'WebhookError', code: 'invalid_option', option: 'secrets' },
  },
  {
    name: 'ReorgError',
    guard: isReorgError,
    make: () => new ReorgError('REORG_INVALID_CONFIG', 'No.', 'history'),
    own: { name: 'ReorgError', code: 'REORG_INVALID_CONFIG', field: 'history' },
    json: { name: 'ReorgError', code: 'REORG_INVALID_CONFIG', field: 'history' },
  },
]

describe.each(rooms)('$name', ({ name, guard, make, own, json }) => {
  it('is an Error and a FluxoraError, with its name and message', () => {
    const error = make()
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(FluxoraError)
    expect(error).toMatchObject({ name, message: 'No.' })
    expect(String(error)).toBe(`${name}: No.`)
    expect(error.stack).toContain('fluxora-error.test.ts')
  })

  it('is recognised by its own guard only', () => {
    expect(rooms.filter((room) => room.guard(make())).map((room) => room.name)).toEqual([name])
    expect(guard(make())).toBe(true)
    expect(guard(new Error('No.', { cause: make() }))).toBe(false)
    expect(guard({ ...make() })).toBe(false)
  })

  it('shows the same in JSON, to a logger and to inspect as ever', () => {
    const error = make()
    expect(Object.fromEntries(Object.entries(error))).toStrictEqual(own)
    expect(JSON.parse(JSON.stringify(error))).toStrictEqual(json)
    const shown = inspect(error)
    expect(shown.startsWith(`${name}: No.\n`)).toBe(true)
    for (const [key, value] of Object.entries(own))
      if (key !== 'name') expect(shown).toContain(`${key}: ${inspect(value)}`)
    // The brand is a symbol that nobody can enumerate, so it is not printed.
    expect(shown).not.toContain('fluxora/verify:')
  })

  it('keeps its brand, which nobody can change', () => {
    const error = make()
    const brand = Symbol.for(`@fluxora/verify:${name}`)
    expect(Object.getOwnPropertyDescriptor(error, brand)).toEqual({
      value: true,
      writable: false,
      enumerable: false,
      configurable: false,
    })
    expect(guard(Object.defineProperty({}, brand, { value: true }))).toBe(true)
    expect(guard(Object.defineProperty({}, brand, { value: 1 }))).toBe(false)
  })
})

describe('a guard', () => {
  const throwing = new Proxy(
    {},
    {
      get() {
        throw new Error('get')
      },
      has() {
        throw new Error('has')
      },
      getPrototypeOf() {
        throw new Error('getPrototypeOf')
      },
    },
  )
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const branded = Object.assign(() => 1, Object.fromEntries(rooms.map(({ name }) => [brandOf(name), true])))
  const others = [
    null,
    undefined,
    0,
    1n,
    '',
    'DecimalError',
    true,
    Symbol('s'),
    new Error('x'),
    {},
    [],
    throwing,
    revoked,
  ]

  it.each(rooms)('of $name is false for everything else, and never throws', ({ guard }) => {
    for (const value of [...others, branded]) expect(guard(value)).toBe(false)
  })

  it('is false for a getter that throws or gives anything but true', () => {
    const brand = brandOf('DecimalError')
    const getter = (get: () => unknown): object => Object.defineProperty({}, brand, { get })
    expect(
      isBranded(
        getter(() => JSON.parse('')),
        'DecimalError',
      ),
    ).toBe(false)
    expect(
      isBranded(
        getter(() => 'true'),
        'DecimalError',
      ),
    ).toBe(false)
    expect(
      isBranded(
        getter(() => true),
        'DecimalError',
      ),
    ).toBe(true)
  })

  it('recognises errors of another copy of the library, for which instanceof does not hold', async () => {
    vi.resetModules()
    const other = {
      decimal: await import('../../src/decimal/index.ts'),
      reorg: await import('../../src/reorg/index.ts'),
      webhook: await import('../../src/webhook/index.ts'),
    }
    const errors = [
      new other.decimal.DecimalError(refusal),
      new other.reorg.ReorgError('REORG_INVALID_STATE', 'No.'),
      new other.webhook.WebhookError('store_full', 'No.'),
    ]
    for (const error of errors) expect(error).not.toBeInstanceOf(FluxoraError)
    const guards = [isDecimalError, isReorgError, isWebhookError]
    const verdicts = errors.map((error) => guards.map((guard) => guard(error)))
    expect(verdicts).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ])
    expect(other.decimal.isDecimalError(new DecimalError(refusal))).toBe(true)
  })
})

describe('FluxoraError', () => {
  class TestError extends FluxoraError {
    readonly code = 'test'
    constructor(cause?: unknown) {
      super('GivenName', 'No.', cause)
    }
  }

  it('takes its name from its class by hand, so a minifier cannot change it', () => {
    expect(new TestError().name).toBe('GivenName')
    expect(isBranded(new TestError(), 'GivenName')).toBe(true)
    expect(isBranded(new TestError(), 'TestError')).toBe(false)
  })

  it('keeps a cause as it is, and has none without one', () => {
    const cause = { from: 'a client' }
    expect(new TestError(cause).cause).toBe(cause)
    expect(new TestError(null).cause).toBe(null)
    expect('cause' in new TestError()).toBe(false)
    // As in Error itself, a cause is not enumerable: it is in the log of inspect, and not in JSON.
    expect(Object.keys(new TestError(cause))).not.toContain('cause')
    expect(inspect(new TestError(cause))).toContain("from: 'a client'")
  })

  it('keeps the cause of the errors of webhook and reorg', () => {
    const cause = new Error('lost')
    expect(new WebhookError('invalid_body', 'No.', undefined, cause).cause).toBe(cause)
    expect(new ReorgError('REORG_INVALID_STATE', 'No.', undefined, cause).cause).toBe(cause)
    for (const { make } of rooms) expect('cause' in make()).toBe(false)
  })
})
