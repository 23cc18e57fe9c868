import { describe, expect, it } from 'vitest'
import { assessFreshness, assessHealth, createReorgState, reorgHealth, reorgMetrics } from '../../src/reorg/index.ts'
import { chain, feed, ledgerOf, ledgers } from './support.ts'

const now = 1_710_000_000_000

describe('assessFreshness', () => {
  it.each([
    [0, 'healthy', false, 'none', 'none'],
    [300_000, 'healthy', false, 'none', 'none'],
    [300_001, 'stalled', true, 'stale_chain_state', 'page'],
  ] as const)('a lag of %d ms is %s', (lagMs, status, stalled, clientImpact, operatorAction) => {
    const lastSyncAt = now - lagMs
    const summary = expect.stringContaining(`${lagMs} ms behind`)
    const facts = { status, stalled, thresholdMs: 300_000, lagMs, summary, clientImpact, operatorAction }
    for (const time of [lastSyncAt, new Date(lastSyncAt), new Date(lastSyncAt).toISOString()]) {
      expect(assessFreshness({ enabled: true, lastSyncAt: time, now })).toEqual({
        ...facts,
        lastSyncAt: new Date(lastSyncAt).toISOString(),
      })
    }
    expect(assessFreshness({ enabled: true, lastSyncAt, now: new Date(now) }).status).toBe(status)
    expect(assessFreshness({ enabled: true, lastSyncAt, now: new Date(now).toISOString() }).status).toBe(status)
  })

  it.each([
    null,
    undefined,
    '',
    'yesterday',
    '2026-01-01 10:00',
    '2026-01-01T10:00',
    ['2026-01-01T10:00:00Z'],
    Number.NaN,
    Infinity,
    new Date('x'),
    {},
    true,
  ])('a last sync of %j means never: starting', (lastSyncAt) => {
    expect(assessFreshness({ enabled: true, lastSyncAt: lastSyncAt as never, now })).toMatchObject({
      status: 'starting',
      stalled: false,
      lagMs: null,
      lastSyncAt: null,
      clientImpact: 'stale_chain_state',
      operatorAction: 'observe',
    })
  })

  it('a disabled indexer is not configured, whatever its last sync', () => {
    expect(assessFreshness({ enabled: false, lastSyncAt: now, now })).toEqual({
      status: 'not_configured',
      stalled: false,
      thresholdMs: 300_000,
      lastSyncAt: null,
      lagMs: null,
      summary: 'No indexer is configured.',
      clientImpact: 'none',
      operatorAction: 'none',
    })
  })

  it('a sync in the future is healthy with lag 0, and 0 is a valid time', () => {
    expect(assessFreshness({ enabled: true, lastSyncAt: now + 1, now })).toMatchObject({ status: 'healthy', lagMs: 0 })
    expect(assessFreshness({ enabled: true, lastSyncAt: 0, now })).toMatchObject({ status: 'stalled', lagMs: now })
    expect(
      assessFreshness({ enabled: true, lastSyncAt: '2024-03-09', now: '2024-03-09T01:00:00+01:00' }),
    ).toMatchObject({ lagMs: 0 })
  })

  it('accepts another threshold, and throws for nonsense', () => {
    expect(assessFreshness({ enabled: true, lastSyncAt: now - 11, now, stallThresholdMs: 10 }).status).toBe('stalled')
    for (const stallThresholdMs of [Number.NaN, -1, Infinity, '5' as never]) {
      expect(() => assessFreshness({ enabled: true, now, stallThresholdMs })).toThrow(
        expect.objectContaining({ code: 'REORG_INVALID_ARGUMENT', field: 'stallThresholdMs' }),
      )
    }
    for (const bad of [Number.NaN, 'x', undefined, null]) {
      expect(() => assessFreshness({ enabled: true, now: bad as never })).toThrow(
        expect.objectContaining({ code: 'REORG_INVALID_ARGUMENT', field: 'now' }),
      )
    }
  })
})

describe('summaries and messages', () => {
  it('say how far behind the indexer is, and what a bad option must be', () => {
    expect(assessFreshness({ enabled: true, now }).summary).toBe('The indexer has not taken anything in yet.')
    expect(assessFreshness({ enabled: true, lastSyncAt: now, now, stallThresholdMs: 0 })).toMatchObject({
      status: 'healthy',
      summary: 'The indexer is 0 ms behind.',
    })
    expect(() => assessFreshness({ enabled: true, now: 'x' })).toThrow(
      'now must be a time: milliseconds since the epoch, a Date or an ISO 8601 string.',
    )
    expect(() => assessFreshness({ enabled: true, now, stallThresholdMs: -1 })).toThrow(
      'stallThresholdMs must be a number of milliseconds, 0 or more.',
    )
    expect(reorgHealth(createReorgState(), { now }).summary).toBe('No ledger has come yet.')
    expect(reorgHealth(following, { now }).summary).toBe('Following the chain, 10000 ms behind.')
    const stalled = reorgHealth(following, { now: now + 300_000 })
    expect(stalled).toMatchObject({
      status: 'stalled',
      summary: expect.stringContaining('310000 ms behind; more than'),
    })
    const undated = feed({}, ledgers(...chain(100, 104))).state
    expect(reorgHealth(undated, { now }).summary).toBe('Following the chain.')
  })

  it('accept a time of day without seconds, but not a string that only ends in a time', () => {
    const lagMs = (lastSyncAt: string) => assessFreshness({ enabled: true, lastSyncAt, now }).lagMs
    expect(lagMs('2024-03-09T15:59Z')).toBe(60_000)
    expect(lagMs('x2024-03-09T15:59:00Z')).toBe(null)
    expect(lagMs('102024-03-09')).toBe(null)
  })

  it('leave the service out if none is named', () => {
    expect('service' in assessHealth(following, { now })).toBe(false)
  })
})

const at = (ledger: ReturnType<typeof ledgerOf>) => ({ ...ledger, closedAt: now / 1000 - 10 })
const following = feed({}, ledgers(...chain(100, 104).map(at))).state

describe('reorgHealth', () => {
  it('starts, follows and stalls', () => {
    expect(reorgHealth(createReorgState(), { now })).toMatchObject({ status: 'starting', phase: 'empty', lagMs: null })
    expect(reorgHealth(following, { now })).toMatchObject({
      status: 'healthy',
      phase: 'following',
      lagMs: 10_000,
      lastSafeLedger: 103,
    })
    expect(reorgHealth(following, { now: now + 290_001 })).toMatchObject({
      status: 'stalled',
      stalled: true,
      phase: 'following',
    })
    expect(reorgHealth(following, { now, lastSyncAt: now - 400_000 })).toMatchObject({ status: 'stalled' })
    expect(reorgHealth(feed({}, ledgers(ledgerOf(1))).state, { now })).toMatchObject({
      status: 'healthy',
      lagMs: null,
      summary: 'Following the chain.',
    })
  })

  it('is degraded while recovering, conflicted or waiting, and says why', () => {
    const forked = feed(following, ledgers(...chain(103, 105, 'b', 'a'))).state
    expect(reorgHealth(forked, { now })).toMatchObject({
      status: 'degraded',
      phase: 'recovering',
      reorgCount: 1,
      summary: 'Recovering from a reorg of depth 2 at ledger 103.',
    })
    const waiting = feed(following, ledgers(ledgerOf(105, 'b'))).state
    expect(reorgHealth(waiting, { now })).toMatchObject({
      status: 'degraded',
      phase: 'following',
      summary: 'Waiting for ledgers 100 to 104.',
    })
    const conflicted = feed(following, { type: 'finalized', sequence: 103, hash: 'z' }).state
    expect(reorgHealth(conflicted, { now })).toMatchObject({
      status: 'degraded',
      phase: 'conflicted',
      summary: expect.stringContaining('FINALITY_CONFLICT at ledger 103'),
    })
  })
})

describe('assessHealth', () => {
  it('is the body of GET /health', () => {
    expect(assessHealth(following, { now, service: 'streams' })).toEqual({
      status: 'ok',
      service: 'streams',
      timestamp: '2024-03-09T16:00:00.000Z',
      indexer: assessFreshness({ enabled: true, lastSyncAt: now - 10_000, now }),
      lastSafeLedger: 103,
      reorgDetected: false,
      reorg: { phase: 'following', count: 0, last: null, conflict: null, need: null },
    })
  })

  it('is degraded while starting, stalled, or in a reorg, but not without an indexer', () => {
    expect(assessHealth(createReorgState(), { now })).toMatchObject({
      status: 'degraded',
      indexer: { status: 'starting' },
    })
    expect(assessHealth(createReorgState(), { now, enabled: false })).toMatchObject({
      status: 'ok',
      indexer: { status: 'not_configured' },
    })
    expect(assessHealth(following, { now, lastSyncAt: now - 300_001 })).toMatchObject({
      status: 'degraded',
      indexer: { status: 'stalled' },
    })
    const forked = feed(following, ledgers(at(ledgerOf(104, 'b', 'a')))).state
    expect(assessHealth(forked, { now })).toMatchObject({
      status: 'degraded',
      reorgDetected: true,
      indexer: { status: 'healthy' },
      reorg: { phase: 'recovering' },
    })
    const waiting = feed(following, ledgers(at(ledgerOf(105, 'b')))).state
    expect(assessHealth(waiting, { now }).status).toBe('degraded')
    const conflicted = feed(following, { type: 'finalized', sequence: 103, hash: 'z' }).state
    expect(assessHealth(conflicted, { now }).status).toBe('degraded')
  })
})

describe('reorgMetrics', () => {
  it('keep their names, kinds and help: dashboards are built on them', () => {
    const lines = reorgMetrics(createReorgState()).map(({ name, kind, help }) => `${kind} ${name}: ${help}`)
    expect(lines).toMatchInlineSnapshot(`
      [
        "gauge reorg_tip_ledger: Sequence of the newest ledger",
        "gauge reorg_safe_ledger: Highest ledger to build answers on",
        "gauge reorg_finalized_ledger: Highest ledger that nothing undoes",
        "gauge reorg_safe_lag_ledgers: Ledgers between the tip and the safe ledger",
        "gauge reorg_detected: 1 while recovering from a reorg",
        "gauge reorg_conflicted: 1 while a conflict is set",
        "gauge reorg_needed_ledgers: Ledgers asked for that have not come",
        "gauge reorg_missing_ledgers: Holes among the ledgers held",
        "gauge reorg_last_depth_ledgers: Ledgers undone by the last reorg",
        "gauge reorg_deepest_ledgers: Ledgers undone by the deepest reorg",
        "gauge reorg_window_ledgers: Ledgers held",
        "counter reorg_total: Reorgs",
        "counter reorg_flaps_total: Reorgs onto a branch that had been left before",
        "counter reorg_late_ledgers_total: Ledgers inserted below the tip",
        "counter reorg_resets_total: Resets by an operator",
      ]
    `)
  })

  it('are the state as numbers', () => {
    const value = (state: Parameters<typeof reorgMetrics>[0]) =>
      Object.fromEntries(reorgMetrics(state).map((metric) => [metric.name, metric.value]))
    expect(Object.values(value(createReorgState())).every((number) => number === 0)).toBe(true)
    const forked = feed(
      following,
      ledgers(...chain(103, 105, 'b', 'a')),
      ledgers(ledgerOf(107, 'b')),
      ledgers(ledgerOf(108, 'c')),
    )
    expect(value(forked.state)).toEqual({
      reorg_tip_ledger: 107,
      reorg_safe_ledger: 106,
      reorg_finalized_ledger: 41,
      reorg_safe_lag_ledgers: 1,
      reorg_detected: 1,
      reorg_conflicted: 0,
      reorg_needed_ledgers: 8,
      reorg_missing_ledgers: 1,
      reorg_last_depth_ledgers: 2,
      reorg_deepest_ledgers: 2,
      reorg_window_ledgers: 7,
      reorg_total: 1,
      reorg_flaps_total: 0,
      reorg_late_ledgers_total: 0,
      reorg_resets_total: 0,
    })
    const conflicted = feed(following, { type: 'finalized', sequence: 103, hash: 'z' }).state
    expect(value(conflicted).reorg_conflicted).toBe(1)
  })
})
