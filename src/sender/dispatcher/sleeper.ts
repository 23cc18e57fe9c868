// A sleep that can be ended early. A wake-up that comes while nobody sleeps ends the next sleep at once, so that none is missed.

/** No more wake-ups than this are set ahead; looking for what is due makes up for the others. */
const MOST_ALARMS = 1_000
/** Later ones are left to looking. */
const LATEST_ALARM_MS = 600_000

export interface Sleeper {
  /** True if it was ended early. */
  for(ms: number): Promise<boolean>
  /** A sleep that only `stop` ends early. */
  gather(ms: number): Promise<void>
  wake(): void
  wakeIn(ms: number): void
  /** Ends every sleep, and forgets the wake-ups that are set ahead. */
  stop(): void
}

export function sleeper(): Sleeper {
  const alarms = new Set<ReturnType<typeof setTimeout>>()
  let isAwake = false
  let end: (() => void) | undefined

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  let isGathering = false
  const wake = (): void => {
    isAwake = true
    if (!isGathering) end?.()
  }
  return {
    wake,
    async for(ms) {
      if (!isAwake) await sleep(ms)
      const wasWoken = isAwake
      isAwake = false
      return wasWoken
    },
    async gather(ms) {
      isGathering = true
      await sleep(ms)
      isGathering = false
    },
    wakeIn(ms) {
      if (alarms.size >= MOST_ALARMS || ms > LATEST_ALARM_MS) return
      const alarm = setTimeout(() => {
        alarms.delete(alarm)
        wake()
      }, ms)
      alarms.add(alarm)
    },
    stop() {
      for (const alarm of alarms) clearTimeout(alarm)
      alarms.clear()
      isAwake = true
      end?.()
    },
  }
}
