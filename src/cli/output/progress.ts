// A line on a terminal while something takes long.

import type { CommandIo } from '../io.ts'

const PATIENCE_MS = 500

/** Shows a line after half a second, and takes it away when the work has ended. */
export async function withProgress<T>(io: CommandIo, text: string, work: Promise<T>): Promise<T> {
  if (!io.stderrIsTerminal) return work
  let isShown = false
  const timer = setTimeout(() => {
    isShown = true
    io.warn(text)
  }, PATIENCE_MS)
  try {
    return await work
  } finally {
    clearTimeout(timer)
    if (isShown) io.warn('\r\x1b[K')
  }
}
