// A timer that does not keep the process alive. In browsers, Workers and Deno a timer is a number and has no `unref`.

export function setUnrefTimeout(callback: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(callback, ms)
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
