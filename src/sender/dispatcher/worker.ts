// The worker: claims what is due, as far as there are hands for it, and waits when there is nothing.

import type { Attempt } from '../delivery.ts'
import type { ClaimedDelivery } from '../log/contract.ts'
import type { Settings } from './options.ts'
import { sendClaimed, settle } from './send.ts'
import { givenBack } from './settlement.ts'
import { sleeper } from './sleeper.ts'

/** With every hand busy, wait this long for a few more to be free: a claim of many costs no more than a claim of one. */
const GATHER_MS = 5
const FIRST_WAIT_MS = 50
/** The longest pause after the log has failed. */
const LONGEST_PAUSE_MS = 5_000
const SWEEP_EVERY_MS = 60_000
const SWEEP_ROWS = 1_000

export interface Worker {
  start(): void
  /** Something may be due. */
  wake(): void
  /** Claims no more, and waits for what is being sent, at most so long. */
  drain(timeoutMs: number): Promise<void>
  inFlight(): number
}

export function createWorker(settings: Settings): Worker {
  const { log, concurrency, perEndpoint, leaseMs, nowMs } = settings
  const sleep = sleeper()
  const busy = new Map<string, number>()
  const running = new Set<Promise<void>>()
  let failingBusy = 0
  let isRunning = false
  let loop: Promise<void> | undefined
  let sweptAt = Number.NEGATIVE_INFINITY

  function hold({ endpointId, isFailing }: ClaimedDelivery, change: 1 | -1): void {
    const held = (busy.get(endpointId) ?? 0) + change
    if (held > 0) busy.set(endpointId, held)
    else busy.delete(endpointId)
    if (isFailing) failingBusy += change
  }

  function send(claimed: ClaimedDelivery): void {
    hold(claimed, 1)
    const done = sendClaimed(settings, claimed).then((attempt) => {
      hold(claimed, -1)
      running.delete(done)
      wakeFor(attempt)
    })
    running.add(done)
  }

  /** A hand is free; and what is to be retried soon need not wait to be looked for. */
  function wakeFor({ delayMs }: Attempt): void {
    sleep.wake()
    if (delayMs !== undefined) sleep.wakeIn(delayMs)
  }

  /** Claims for the hands that are free: all that there was, some of more, or none. */
  async function claim(): Promise<'all' | 'some' | 'none'> {
    const limit = concurrency - running.size
    // At least one, or a worker with a single hand would never try a failing endpoint again.
    const failingLimit = Math.max(1, Math.floor(concurrency / 2)) - failingBusy
    const claimed = await log.claim({ limit, leaseMs, perEndpoint, failingLimit, busy: new Map(busy), nowMs: nowMs() })
    for (const each of claimed) {
      if (isRunning) send(each)
      else await settle(settings, each, givenBack(each), 0)
    }
    if (claimed.length === 0) return 'none'
    if (claimed.length < limit) return 'all'
    return 'some'
  }

  async function sweep(): Promise<void> {
    if (performance.now() - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = performance.now()
    while ((await log.deleteSettled(settings.retentionMs, SWEEP_ROWS, nowMs())) === SWEEP_ROWS) if (!isRunning) return
  }

  /** Claims until nothing is due, and says how long to wait for more. */
  async function turn(waitedMs: number): Promise<number> {
    if (running.size >= concurrency) {
      await sleep.for(settings.pollMs)
      await sleep.gather(GATHER_MS)
      return waitedMs
    }
    await sweep()
    const got = await claim()
    if (got === 'some') return FIRST_WAIT_MS
    const waitMs = Math.min(got === 'all' ? FIRST_WAIT_MS : waitedMs, settings.pollMs)
    const isWoken = await sleep.for(waitMs)
    return isWoken ? FIRST_WAIT_MS : 2 * waitMs
  }

  async function run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS
    let pauseMs = FIRST_WAIT_MS
    while (isRunning) {
      try {
        waitMs = await turn(waitMs)
        pauseMs = FIRST_WAIT_MS
      } catch (error) {
        settings.onError(error)
        await sleep.gather(pauseMs)
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      }
    }
  }

  return {
    start() {
      if (isRunning) return
      isRunning = true
      loop = Promise.resolve(loop).then(run)
    },
    wake: sleep.wake,
    async drain(timeoutMs) {
      isRunning = false
      sleep.stop()
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs)
      })
      const ended = Promise.resolve(loop).then(() => Promise.all(running))
      await Promise.race([ended, late])
      clearTimeout(timer)
      sleep.stop() // what was being sent may have set alarms
    },
    inFlight: () => running.size,
  }
}
