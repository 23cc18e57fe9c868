// A timer that keeps no process alive. Where a timer is a number, as in browsers, Workers and Deno, there is no such thing.

export function later(call: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(call, ms)
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
