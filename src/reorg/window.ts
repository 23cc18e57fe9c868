// The most recent ledgers, oldest first, as a persistent list: a change copies one chunk and the list of chunks, never the ledgers. So a
// step on a thousand ledgers costs about as much as one on a hundred, and older states stay valid. The window is plain JSON, and the
// same ledgers always give the same chunks, in whichever order they came.

import type { Ledger } from './ledger.ts'
import type { LedgerWindow } from './state.ts'

type Chunk = readonly Ledger[]

/** Heights that share a chunk. */
const CHUNK_HEIGHTS = 32

/** The lowest ledger held. */
export function oldestLedger(window: LedgerWindow): Ledger | undefined {
  return window.chunks[0]?.[0]
}

/** The highest ledger held. */
export function newestLedger(window: LedgerWindow): Ledger | undefined {
  return window.chunks.at(-1)?.at(-1)
}

/** The ledger at exactly this height, if it is held. */
export function ledgerAt(window: LedgerWindow, sequence: number): Ledger | undefined {
  const ledger = ledgerAtOrBelow(window, sequence)
  return ledger?.sequence === sequence ? ledger : undefined
}

/** The highest ledger held at `sequence` or below. */
export function ledgerAtOrBelow({ chunks }: LedgerWindow, sequence: number): Ledger | undefined {
  // From the newest, because callers nearly always ask for a ledger close to the tip.
  const chunk = chunks[lastIndexWhere(chunks, (one) => startsAtOrBelow(one, sequence))]
  return chunk?.[lastIndexWhere(chunk, (ledger) => ledger.sequence <= sequence)]
}

/** The lowest ledger held above `sequence`. */
export function ledgerAbove({ chunks }: LedgerWindow, sequence: number): Ledger | undefined {
  const at = lastIndexWhere(chunks, (chunk) => startsAtOrBelow(chunk, sequence))
  return chunks[at]?.find((ledger) => ledger.sequence > sequence) ?? chunks[at + 1]?.[0]
}

/** The ledger below `sequence` that has this hash. */
export function ledgerByHash({ chunks }: LedgerWindow, hash: string, sequence: number): Ledger | undefined {
  // From the newest, because a parent is nearly always close to the tip.
  for (let at = chunks.length - 1; at >= 0; at--) {
    const found = chunks[at]?.find((ledger) => ledger.hash === hash && ledger.sequence < sequence)
    if (found) return found
  }
  return undefined
}

/** True if any ledger held above `sequence` fits. */
export function someAbove({ chunks }: LedgerWindow, sequence: number, fits: (ledger: Ledger) => boolean): boolean {
  const first = Math.max(
    0,
    lastIndexWhere(chunks, (chunk) => startsAtOrBelow(chunk, sequence)),
  )
  return chunks.slice(first).some((chunk) => chunk.some((ledger) => ledger.sequence > sequence && fits(ledger)))
}

/** How many ledgers are held above `sequence`. */
export function countAbove({ chunks }: LedgerWindow, sequence: number): number {
  let count = 0
  for (let at = chunks.length - 1; at >= 0; at--) {
    const chunk = chunks[at] as Chunk
    const below = lastIndexWhere(chunk, (ledger) => ledger.sequence <= sequence)
    count += chunk.length - 1 - below
    if (below >= 0) break
  }
  return count
}

/** The ledger that has `depth` others above it: 0 is the newest. */
export function ledgerAtDepth({ chunks }: LedgerWindow, depth: number): Ledger | undefined {
  let left = depth
  for (let at = chunks.length - 1; at >= 0; at--) {
    const chunk = chunks[at] as Chunk
    if (left < chunk.length) return chunk[chunk.length - 1 - left]
    left -= chunk.length
  }
  return undefined
}

/** All ledgers from `sequence` up, oldest first, in a new array. */
export function ledgersFrom({ chunks }: LedgerWindow, sequence: number): Ledger[] {
  const first = Math.max(
    0,
    lastIndexWhere(chunks, (chunk) => startsAtOrBelow(chunk, sequence)),
  )
  return chunks
    .slice(first)
    .flat()
    .filter((ledger) => ledger.sequence >= sequence)
}

/** Adds ledgers above the newest, in ascending order, and forgets the oldest beyond `limit`. */
export function appendLedgers(
  window: LedgerWindow,
  ledgers: readonly Ledger[],
  limit: number = Number.POSITIVE_INFINITY,
): LedgerWindow {
  const chunks: Chunk[] = window.chunks.slice()
  // Older states share the last chunk, so it must be copied; chunks begun here may be filled as they are.
  let open = chunks.pop()?.slice() ?? []
  for (const ledger of ledgers) {
    if (open[0] && groupOf(open[0]) !== groupOf(ledger)) {
      chunks.push(open)
      open = []
    }
    open.push(ledger)
  }
  if (open.length > 0) chunks.push(open)
  const size = window.size + ledgers.length
  return trimWindow({ size, forgotten: window.forgotten, chunks }, limit)
}

/** Forgets the oldest ledgers beyond `limit`. */
export function trimWindow(window: LedgerWindow, limit: number): LedgerWindow {
  if (window.size <= limit) return window
  const { chunks } = window
  let excess = window.size - limit
  let gone = 0
  for (const { length } of chunks) {
    if (length > excess) break
    excess -= length
    gone++
  }
  const kept = chunks.slice(gone)
  if (excess > 0) kept[0] = (kept[0] as Chunk).slice(excess)
  const { sequence: forgotten } = ledgerAtDepth(window, limit) as Ledger
  return { size: limit, forgotten, chunks: kept }
}

/** Adds one ledger below the newest, at a height that is not held. */
export function insertLedger(window: LedgerWindow, ledger: Ledger): LedgerWindow {
  const chunks = window.chunks.slice()
  const group = groupOf(ledger)
  const at = lastIndexWhere(chunks, (chunk) => groupOf(chunk[0] as Ledger) <= group)
  const chunk = chunks[at]
  if (chunk && groupOf(chunk[0] as Ledger) === group) {
    const place = 1 + lastIndexWhere(chunk, ({ sequence }) => sequence < ledger.sequence)
    chunks[at] = [...chunk.slice(0, place), ledger, ...chunk.slice(place)]
  } else chunks.splice(at + 1, 0, [ledger])
  return { ...window, size: window.size + 1, chunks }
}

/** The window without all ledgers from `sequence` up. */
export function truncateFrom(window: LedgerWindow, sequence: number): LedgerWindow {
  const at = lastIndexWhere(window.chunks, (chunk) => startsAtOrBelow(chunk, sequence - 1))
  const chunks = window.chunks.slice(0, at + 1)
  const last = chunks.pop()
  if (last) chunks.push(last.filter((ledger) => ledger.sequence < sequence))
  const removed = countAbove(window, sequence - 1)
  return { ...window, size: window.size - removed, chunks }
}

function startsAtOrBelow(chunk: Chunk, sequence: number): boolean {
  const first = chunk[0] as Ledger
  return first.sequence <= sequence
}

function groupOf({ sequence }: Ledger): number {
  return Math.floor(sequence / CHUNK_HEIGHTS)
}

/** Index of the last item that fits, or -1. (Array.prototype.findLastIndex came with ES2023.) */
export function lastIndexWhere<Item>(list: readonly Item[], fits: (item: Item) => boolean): number {
  let index = list.length - 1
  while (index >= 0 && !fits(list[index] as Item)) index--
  return index
}
