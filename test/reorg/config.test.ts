import { describe, expect, it } from 'vitest'
import { createReorgState, isReorgError, ReorgError, type ReorgOptions, STELLAR } from '../../src/reorg/index.ts'

describe('createReorgState', () => {
  it('fills in the documented defaults', () => {
    expect(createReorgState().config).toEqual({
      safetyMargin: 1,
      finalityDepth: 64,
      finality: 'depth',
      history: 128,
      orphans: 64,
      gapPolicy: 'accept',
      maxGap: 17_280,
      heights: 'consecutive',
      closeTimes: 'ordered',
      switchRule: 'latest',
      requireParent: false,
      recoveryLedgers: 5,
      maxBatch: 10_000,
      hashFormat: 'any',
    })
    expect(createReorgState({ finalityDepth: 200 }).config).toMatchObject({ history: 201, orphans: 200 })
    expect(createReorgState(STELLAR).config).toMatchObject({ safetyMargin: 1, finalityDepth: 1, hashFormat: 'hex64' })
    expect(Object.isFrozen(STELLAR)).toBe(true)
  })

  it('is empty and plain JSON at first', () => {
    const state = createReorgState()
    expect(state).toMatchObject({ version: 1, tip: null, lastSafeLedger: 0, finalizedLedger: 0, reorgDetected: false })
    expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
  })

  it.each<[unknown, string]>([
    [{ safetyMargin: -1 }, 'safetyMargin'],
    [{ safetyMargin: 0.5 }, 'safetyMargin'],
    [{ safetyMargin: Number.NaN }, 'safetyMargin'],
    [{ safetyMargin: '1' }, 'safetyMargin'],
    [{ finalityDepth: 0 }, 'finalityDepth'],
    [{ finalityDepth: Infinity }, 'finalityDepth'],
    [{ history: 64 }, 'history'],
    [{ finalityDepth: 10, history: 10 }, 'history'],
    [{ history: 70_000 }, 'history'],
    [{ orphans: -1 }, 'orphans'],
    [{ maxGap: -1 }, 'maxGap'],
    [{ maxBatch: 0 }, 'maxBatch'],
    [{ recoveryLedgers: -1 }, 'recoveryLedgers'],
    [{ gapPolicy: 'ignore' }, 'gapPolicy'],
    [{ finality: 'none' }, 'finality'],
    [{ switchRule: 'longest' }, 'switchRule'],
    [{ requireParent: 1 }, 'requireParent'],
    [{ hashFormat: 'hex' }, 'hashFormat'],
    [{ heights: 'dense' }, 'heights'],
    [{ closeTimes: true }, 'closeTimes'],
    [{ finalitydepth: 3 }, 'finalitydepth'],
    [{ toString: 3 }, 'toString'],
    [null, 'options'],
    [7, 'options'],
  ])('throws for %j', (options, field) => {
    const attempt = (): unknown => createReorgState(options as ReorgOptions)
    expect(attempt).toThrow(ReorgError)
    expect(attempt).toThrow(expect.objectContaining({ name: 'ReorgError', code: 'REORG_INVALID_CONFIG', field }))
  })
})

describe('the message of a bad option', () => {
  it.each<[unknown, string]>([
    [{ safetyMargin: -1 }, 'safetyMargin must be a whole number, 0 to 65536.'],
    [{ finalityDepth: 65_536 }, 'finalityDepth must be a whole number, 1 to 65535.'],
    [{ maxGap: -1 }, 'maxGap must be a whole number, 0 or more.'],
    [{ gapPolicy: 'ignore' }, 'gapPolicy must be accept or need.'],
    [
      { finalitydepth: 3 },
      'finalitydepth is not an option here. The options are safetyMargin, finalityDepth, finality, history, orphans, gapPolicy, maxGap, heights, closeTimes, switchRule, requireParent, recoveryLedgers, maxBatch, hashFormat.',
    ],
    [null, 'options must be an object.'],
  ])('of %j says what it must be', (options, message) => {
    expect(() => createReorgState(options as ReorgOptions)).toThrow(expect.objectContaining({ message }))
  })

  it('is not raised at the bounds', () => {
    expect(createReorgState({ finalityDepth: 65_535 }).config).toMatchObject({ finalityDepth: 65_535, history: 65_536 })
    expect(createReorgState({ safetyMargin: 65_536 }).config.safetyMargin).toBe(65_536)
  })
})

describe('isReorgError', () => {
  it('returns false for a function, even with the brand', () => {
    const branded = Object.assign(() => 1, { [Symbol.for('@fluxora/verify:ReorgError')]: true })
    expect(isReorgError(branded)).toBe(false)
  })

  it('recognises errors of another copy of the library by their brand', () => {
    expect(isReorgError(new ReorgError('REORG_INVALID_STATE', 'x'))).toBe(true)
    const other = Object.assign(new Error('x'), { [Symbol.for('@fluxora/verify:ReorgError')]: true })
    expect(isReorgError(other)).toBe(true)
    const thrower = new Proxy(
      {},
      {
        get: () => {
          throw new Error('x')
        },
      },
    )
    for (const value of [new Error('x'), null, undefined, 'x', {}, thrower]) expect(isReorgError(value)).toBe(false)
  })
})
