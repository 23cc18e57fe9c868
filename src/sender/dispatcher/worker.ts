// The worker: claims what is due, as far as it has hands for it, and waits when there is nothing.

import type { Attempt } from '../delivery.ts'
import { createHands, type Hands } from './hands.ts'
import type { Settings } from './options.ts'
import { settle } from './send.ts'
import { givenBack } from './settlement.ts'
import { type Sleeper, sleeper } from './sleeper.ts'

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
  const sleep = sleeper()
  const hands = createHands(settings, wakeAfter)
  let shift = { isOver: true }
  let loop: Promise<void> = Promise.resolve()

  /** A hand is free; and what is to be retried soon need not wait to be looked for. */
  function wakeAfter({ delayMs }: Attempt): void {
    sleep.wake()
    if (delayMs !== undefined) sleep.wakeIn(delayMs)
  }

  return {
    start() {
      if (!shift.isOver) return
      shift = { isOver: false }
      const started = shift
      loop = loop.then(() => run(settings, hands, sleep, started))
    },
    wake: sleep.wake,
    async drain(timeoutMs) {
      shift.isOver = true
      sleep.stop()
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs)
      })
      await Promise.race([loop.then(hands.idle), late])
      clearTimeout(timer)
      sleep.stop() // what was being sent may have set alarms
    },
    inFlight: hands.inFlight,
  }
}

/** From a start to the next drain. */
interface Shift {
  isOver: boolean
}

/** Takes turns until the shift is over, with longer and longer pauses while the log fails. */
async function run(settings: Settings, hands: Hands, sleep: Sleeper, shift: Shift): Promise<void> {
  let waitMs = FIRST_WAIT_MS
  let pauseMs = FIRST_WAIT_MS
  let sweepAt = 0
  while (!shift.isOver) {
    try {
      if (performance.now() >= sweepAt) {
        sweepAt = performance.now() + SWEEP_EVERY_MS
        await sweep(settings, shift)
      }
      waitMs = await takeTurn(settings, hands, sleep, shift, waitMs)
      pauseMs = FIRST_WAIT_MS
    } catch (error) {
      settings.onError(error)
      await sleep.gather(pauseMs)
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }
}

/** Claims, and waits if there is nothing more to be had. Returns how long to wait next time. */
async function takeTurn(
  settings: Settings,
  hands: Hands,
  sleep: Sleeper,
  shift: Shift,
  waitMs: number,
): Promise<number> {
  if (hands.inFlight() >= settings.concurrency) {
    await sleep.for(settings.pollMs)
    await sleep.gather(GATHER_MS)
    return waitMs
  }
  const got = await claim(settings, hands, shift)
  if (got === 'some') return FIRST_WAIT_MS
  const nextMs = got === 'all' ? FIRST_WAIT_MS : waitMs
  const isWoken = await sleep.for(Math.min(nextMs, settings.pollMs))
  return isWoken ? FIRST_WAIT_MS : 2 * nextMs
}

/** Claims for the hands that are free: all that there was, some of more, or none. */
async function claim(settings: Settings, hands: Hands, shift: Shift): Promise<'all' | 'some' | 'none'> {
  const { log, leaseMs, perEndpoint, nowMs } = settings
  const room = hands.room()
  const claimed = await log.claim({ ...room, leaseMs, perEndpoint, nowMs: nowMs() })
  for (const each of claimed) {
    if (shift.isOver) await settle(settings, each, givenBack(each), 0)
    else hands.send(each)
  }
  if (claimed.length === 0) return 'none'
  if (claimed.length < room.limit) return 'all'
  return 'some'
}

/** Forgets what has been kept long enough. */
async function sweep({ log, retentionMs, nowMs }: Settings, shift: Shift): Promise<void> {
  let deleted = SWEEP_ROWS
  while (deleted === SWEEP_ROWS && !shift.isOver) deleted = await log.deleteSettled(retentionMs, SWEEP_ROWS, nowMs())
}
