// The lease while a handler runs: it is renewed, its loss aborts the signal, and no timer is left behind.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createWebhookReceiver,
  type DedupeStore,
  memoryDedupeStore,
  type OutcomeReport,
} from '../../src/webhook/index.ts'
import { clock, deferred, send, spyStore } from './support.ts'

const unhandled: unknown[] = []
const listen = (reason: unknown) => void unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', listen)
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await new Promise((resolve) => setTimeout(resolve, 1))
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
})

/** A delivery whose handler runs until it is told to end. */
async function start(replaced: Partial<DedupeStore> = {}, leaseSeconds = 60, touchSignal = true) {
  const dedupe = spyStore(replaced)
  const reports: OutcomeReport[] = []
  const receiver = createWebhookReceiver({
    secrets: 'topsecret',
    now: clock,
    dedupe,
    leaseSeconds,
    onOutcome: (report) => void reports.push(report),
  })
  const gate = deferred()
  let signal: AbortSignal | undefined
  let late: (() => AbortSignal) | undefined
  const input = { headers: send('fluxora'), body: '{}' }
  const outcome = receiver.receive(input, (_, context) => {
    late = () => context.signal
    if (touchSignal) signal = context.signal
    return gate.promise
  })
  await vi.advanceTimersByTimeAsync(0)
  const renewals = () => dedupe.calls.filter(({ method }) => method === 'extend').length
  return {
    dedupe,
    receiver,
    input,
    gate,
    outcome,
    reports,
    renewals,
    signal: () => signal as AbortSignal,
    late: () => late?.() as AbortSignal,
  }
}

describe('a lease', () => {
  it('is renewed after every third of it while the handler runs', async () => {
    const { receiver, input, gate, outcome, dedupe, renewals, signal } = await start()
    await vi.advanceTimersByTimeAsync(19_999)
    expect(renewals()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(renewals()).toBe(1)
    expect(dedupe.calls.at(-1)?.args[1]).toBe(60_000)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(renewals()).toBe(31)
    expect(signal().aborted).toBe(false)
    expect(await receiver.receive(input, () => {})).toMatchObject({ code: 'delivery_in_progress' })
    gate.resolve()
    expect(await outcome).toMatchObject({ code: 'ok' })
    expect(dedupe.calls.at(-1)?.method).toBe('commit')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(renewals()).toBe(31)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is no longer renewed once the handler has failed', async () => {
    const { gate, outcome, renewals } = await start()
    gate.reject(new Error('x'))
    expect(await outcome).toMatchObject({ code: 'handler_failed' })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(renewals()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind if the handler is quick', async () => {
    const { gate, outcome } = await start()
    expect(vi.getTimerCount()).toBe(1)
    gate.resolve()
    await outcome
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not keep a process alive', async () => {
    vi.useRealTimers()
    const unref = vi.fn()
    const spied = vi.spyOn(globalThis, 'setTimeout').mockImplementation((() => ({ unref })) as never)
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    await receiver.receive({ headers: send('fluxora'), body: '{}' }, async () => {})
    spied.mockRestore()
    expect(unref).toHaveBeenCalledTimes(1)
  })

  it('is not renewed for a synchronous handler', async () => {
    vi.useRealTimers()
    const spied = vi.spyOn(globalThis, 'setTimeout')
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    for (const [n, handle] of [() => {}, () => 'done', () => null].entries()) {
      const outcome = await receiver.receive(
        { headers: send('fluxora', { id: `d${n}`, body: `${n}` }), body: `${n}` },
        handle,
      )
      expect(outcome.code).toBe('ok')
    }
    const calls = spied.mock.calls.length
    spied.mockRestore()
    expect(calls).toBe(0)
  })

  it('is renewed for any thenable', async () => {
    vi.useRealTimers()
    const spied = vi.spyOn(globalThis, 'setTimeout')
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, leaseSeconds: 60 })
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const thenable = { then: (done: () => void) => done() }
    const outcome = await receiver.receive({ headers: send('fluxora'), body: '{}' }, () => thenable)
    const delays = spied.mock.calls.map(([, delay]) => delay)
    spied.mockRestore()
    expect(outcome.code).toBe('ok')
    expect(delays).toEqual([20_000])
  })

  it('waits for a promise that only a proxy answers for, such as the stub of a remote call', async () => {
    vi.useRealTimers()
    const dedupe = spyStore()
    const methods = () => dedupe.calls.map(({ method }) => method)
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, dedupe })
    const gate = deferred()
    const remote = gate.promise.then(() => {
      throw new Error('the remote call failed')
    })
    // Its members are made up when they are asked for, so `'then' in stub` is false; `await` waits for it all the same.
    const stub = new Proxy(() => {}, { get: (_, name) => name === 'then' && remote.then.bind(remote) })
    const receiving = receiver.receive({ headers: send('fluxora'), body: '{}' }, () => stub)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(methods()).toEqual(['claim'])
    gate.resolve()
    expect((await receiving).code).toBe('handler_failed')
    expect(methods()).toEqual(['claim', 'release'])
  })

  it('is renewed if timers are numbers, as in a browser', async () => {
    vi.useRealTimers()
    const spied = vi.spyOn(globalThis, 'setTimeout').mockImplementation((() => 7) as never)
    const cleared = vi.spyOn(globalThis, 'clearTimeout').mockImplementation(() => {})
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock })
    const outcome = await receiver.receive({ headers: send('fluxora'), body: '{}' }, async () => {})
    expect(cleared).toHaveBeenCalledWith(7)
    spied.mockRestore()
    cleared.mockRestore()
    expect(outcome.code).toBe('ok')
  })

  it("that is lost aborts the handler's signal, and is not renewed again", async () => {
    const { gate, outcome, renewals, signal, reports } = await start({
      extend: async () => false,
      commit: async () => false,
    })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(signal().aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(renewals()).toBe(1)
    gate.resolve()
    expect(await outcome).toMatchObject({ ok: true, code: 'ok' })
    expect(reports[0]).toMatchObject({ problem: 'claim_lost' })
  })

  it('that was lost is reported to a handler that asks for the signal only later', async () => {
    const { gate, outcome, late } = await start({ extend: async () => false }, 60, false)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(late().aborted).toBe(true)
    expect(late()).toBe(late())
    gate.resolve()
    await outcome
  })

  it('that another worker took over makes the late commit fail', async () => {
    const inner = memoryDedupeStore()
    let isDown = true
    const { receiver, input, gate, outcome, reports, signal } = await start({
      ...inner,
      extend: (claim, ms) => (isDown ? Promise.reject(new Error('down')) : inner.extend(claim, ms)),
    })
    await vi.advanceTimersByTimeAsync(60_000)
    const second = deferred()
    const other = receiver.receive(input, () => second.promise)
    await vi.advanceTimersByTimeAsync(0)
    isDown = false
    await vi.advanceTimersByTimeAsync(20_000)
    expect(signal().aborted).toBe(true)
    gate.resolve()
    expect(await outcome).toMatchObject({ code: 'ok' })
    second.resolve()
    expect(await other).toMatchObject({ code: 'ok' })
    expect(reports.map(({ problem }) => problem)).toEqual(['claim_lost', undefined])
    expect(await receiver.receive(input, () => {})).toMatchObject({ code: 'duplicate_delivery' })
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['answers at once', () => true],
    ['answers nothing', () => undefined],
  ])('whose renewal %s is tried again', async (_, extend) => {
    const { gate, outcome, renewals, signal } = await start({ extend: extend as never })
    await vi.advanceTimersByTimeAsync(40_000)
    expect(renewals()).toBe(2)
    expect(signal().aborted).toBe(false)
    gate.resolve()
    expect(await outcome).toMatchObject({ code: 'ok' })
  })

  it('whose renewal is under way when the handler ends is not renewed again', async () => {
    const answer = deferred<boolean>()
    const { gate, outcome, renewals, signal } = await start({ extend: () => answer.promise })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(renewals()).toBe(1)
    gate.resolve()
    await outcome
    answer.resolve(false)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(signal().aborted).toBe(false)
    expect(renewals()).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('in a store that cannot extend is not renewed, and no timer runs', async () => {
    const { claim, commit, release } = memoryDedupeStore()
    const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, dedupe: { claim, commit, release } })
    const gate = deferred()
    const outcome = receiver.receive({ headers: send('fluxora'), body: '{}' }, () => gate.promise)
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
    gate.resolve()
    expect(await outcome).toMatchObject({ code: 'ok' })
  })

  it.each([
    ['that rejects', () => Promise.reject(new Error('down'))],
    ['that hangs', () => new Promise<never>(() => {})],
    ['that answers nothing', async () => undefined as never],
  ])('that could not be renewed aborts the signal at the moment it runs out, with a store %s', async (_, extend) => {
    const { gate, outcome, signal, reports, dedupe } = await start({ extend })
    await vi.advanceTimersByTimeAsync(59_999)
    expect(signal().aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(signal().aborted).toBe(true)
    gate.resolve()
    expect(await outcome).toMatchObject({ code: 'ok' })
    expect(dedupe.calls.at(-1)?.method).toBe('commit')
    expect(reports).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5_000) // the time limit of the renewal that is under way
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that ran out in a store without extend aborts the signal, whenever the handler asks for it', async () => {
    for (const asks of ['at once', 'later']) {
      const inner = memoryDedupeStore()
      const { claim, release } = inner
      const receiver = createWebhookReceiver({
        secrets: 'topsecret',
        now: clock,
        dedupe: { claim, release, commit: async () => true },
      })
      const gate = deferred()
      let context: { readonly signal: AbortSignal } | undefined
      const seen: boolean[] = []
      const outcome = receiver.receive({ headers: send('fluxora'), body: '{}' }, (_, given) => {
        context = given
        if (asks === 'at once') given.signal.addEventListener('abort', () => seen.push(true))
        return gate.promise
      })
      await vi.advanceTimersByTimeAsync(59_999)
      if (asks === 'at once') expect([context?.signal.aborted, seen]).toEqual([false, []])
      await vi.advanceTimersByTimeAsync(1)
      expect(seen).toEqual(asks === 'at once' ? [true] : [])
      expect(context?.signal.aborted).toBe(true)
      gate.resolve()
      expect(await outcome).toMatchObject({ code: 'ok' })
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('is counted from before the store was called', async () => {
    const inner = memoryDedupeStore()
    const slowly = async <T>(answer: Promise<T>) => {
      await new Promise((resolve) => setTimeout(resolve, 4_000))
      return answer
    }
    let isDown = false
    const { gate, outcome, signal } = await start({
      claim: (request) => slowly(inner.claim(request)),
      extend: (claim, ms) => (isDown ? Promise.reject(new Error('down')) : slowly(inner.extend(claim, ms))),
      commit: async () => true,
    })
    // Requested at 0, held from 4 to 60; requested again at 24, answered at 28, and so held until 84.
    await vi.advanceTimersByTimeAsync(30_000)
    isDown = true
    await vi.advanceTimersByTimeAsync(53_999)
    expect(signal().aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(signal().aborted).toBe(true)
    gate.resolve()
    await outcome
  })

  it('that was renewed late holds again, because nobody had taken the claim over', async () => {
    let isDown = true
    const { gate, outcome, late, renewals } = await start(
      { extend: async () => !isDown || Promise.reject(new Error('down')) },
      60,
      false,
    )
    await vi.advanceTimersByTimeAsync(60_000)
    isDown = false
    await vi.advanceTimersByTimeAsync(20_000)
    const soFar = renewals()
    expect(late().aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(renewals()).toBe(soFar + 1)
    gate.resolve()
    await outcome
  })

  it('is ignored once the handler is done', async () => {
    const { gate, outcome, late } = await start({}, 60, false)
    gate.resolve()
    await outcome
    await vi.advanceTimersByTimeAsync(600_000)
    expect(late().aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of a process that was suspended past its end is over at once; the commit is still tried, and may succeed', async () => {
    vi.useRealTimers()
    const dedupe = spyStore({ commit: async () => true })
    const reports: OutcomeReport[] = []
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: clock,
      dedupe,
      leaseSeconds: 0.05,
      storeTimeoutSeconds: 0.05,
      onOutcome: (report) => void reports.push(report),
    })
    let wasAborted: boolean | undefined
    const outcome = await receiver.receive({ headers: send('fluxora'), body: '{}' }, async (_, context) => {
      const { signal } = context
      await Promise.resolve()
      const until = performance.now() + 80
      while (performance.now() < until);
      wasAborted = context.signal.aborted && signal.aborted
    })
    expect(wasAborted).toBe(true)
    expect(outcome).toMatchObject({ ok: true, code: 'ok' })
    expect(dedupe.calls.map(({ method }) => method)).toEqual(['claim', 'commit'])
    expect(reports[0]?.problem).toBeUndefined()
  })

  it.each([
    ['without extend never runs out, for the transaction keeps the claim', false],
    ['with extend is renewed as elsewhere', true],
  ])('in a transaction, with a store %s', async (_, canExtend) => {
    const inner = memoryDedupeStore()
    const store = spyStore()
    const { claim, release } = inner
    const gate = deferred()
    let signal: AbortSignal | undefined
    const receiver = createWebhookReceiver({
      secrets: 'topsecret',
      now: clock,
      transaction: (run) => run(canExtend ? store : { claim, commit: async () => true, release }),
    })
    const outcome = receiver.receive({ headers: send('fluxora'), body: '{}' }, (_delivery, context) => {
      signal = context.signal
      return gate.promise
    })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(signal?.aborted).toBe(false)
    expect(store.calls.filter(({ method }) => method === 'extend').length).toBe(canExtend ? 30 : 0)
    gate.resolve()
    expect(await outcome).toMatchObject({ code: 'ok' })
    expect(vi.getTimerCount()).toBe(0)
  })
})
