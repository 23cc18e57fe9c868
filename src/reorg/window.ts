/**
 * The most recent ledgers of the chain we follow, oldest first: a persistent list. A change copies one chunk and the list
 * of chunks, never the ledgers, so a state of a thousand ledgers costs about as much to step as one of a hundred, and
 * older states stay valid. It is plain JSON, and the same ledgers always give the same chunks, however they arrived.
 *
 * @module
 */

/** One ledger (block) as a provider names it. Identity is the pair of sequence and hash, never the sequence alone. */
export interface Ledger {
  /** Height in the chain: a safe integer, 0 or more. */
  readonly sequence: number
  /** 1 to 128 printable ASCII characters without spaces, compared exactly. */
  readonly hash: string
  /**
   * Hash of the ledger below: at `sequence - 1`, or under `heights: 'sparse'` at whichever height that is. Leave it out only if the
   * provider does not give it: links are the better half of detection.
   */
  readonly parentHash?: string
  /** When the ledger closed: Unix seconds, 0 to 1e11 (the year 5138). */
  readonly closedAt?: number
}

/** The ledgers held. Read it through the functions of this library; the layout of the chunks may change with the version. */
export interface LedgerWindow {
  /** How many ledgers are held. */
  readonly size: number
  /** Highest sequence that was dropped because the window was full, or null. */
  readonly forgotten: number | null
  /** Ledgers in ascending order, grouped by `Math.floor(sequence / 32)`; no group is empty. */
  readonly chunks: readonly (readonly Ledger[])[]
}

/** The lowest ledger held. */
export function oldestLedger(window: LedgerWindow): Ledger | undefined {
  return window.chunks[0]?.[0]
}

/** The highest ledger held whose sequence is `sequence` or lower. */
export function ledgerAtOrBelow({ chunks }: LedgerWindow, sequence: number): Ledger | undefined {
  // From the newest: what is asked for is nearly always close to the tip.
  const chunk = chunks[lastIndexWhere(chunks, ([first]) => (first as Ledger).sequence <= sequence)]
  return chunk?.[lastIndexWhere(chunk, (ledger) => ledger.sequence <= sequence)]
}

/** The lowest ledger held whose sequence is above `sequence`. */
export function ledgerAbove({ chunks }: LedgerWindow, sequence: number): Ledger | undefined {
  const below = lastIndexWhere(chunks, ([first]) => (first as Ledger).sequence <= sequence)
  return chunks[below]?.find((ledger) => ledger.sequence > sequence) ?? chunks[below + 1]?.[0]
}

/** The ledger below `sequence` that has this hash. */
export function ledgerByHash({ chunks }: LedgerWindow, hash: string, sequence: number): Ledger | undefined {
  // From the newest: a parent is nearly always close to the tip.
  for (let at = chunks.length - 1; at >= 0; at--) {
    const found = chunks[at]?.find((ledger) => ledger.hash === hash && ledger.sequence < sequence)
    if (found) return found
  }
  return undefined
}

/** Whether any ledger held above `sequence` is such a one. */
export function someAbove({ chunks }: LedgerWindow, sequence: number, fits: (ledger: Ledger) => boolean): boolean {
  for (let at = chunks.length - 1; at >= 0; at--) {
    const chunk = chunks[at] as readonly Ledger[]
    if (chunk.some((ledger) => ledger.sequence > sequence && fits(ledger))) return true
    if ((chunk[0] as Ledger).sequence <= sequence) return false
  }
  return false
}

/** How many ledgers are held above `sequence`. */
export function countAbove({ chunks }: LedgerWindow, sequence: number): number {
  let count = 0
  for (let at = chunks.length - 1; at >= 0; at--) {
    const chunk = chunks[at] as readonly Ledger[]
    const below = lastIndexWhere(chunk, (ledger) => ledger.sequence <= sequence)
    count += chunk.length - 1 - below
    if (below >= 0) break
  }
  return count
}

/** The ledger at exactly this height, if it is held. */
export function ledgerAt(window: LedgerWindow, sequence: number): Ledger | undefined {
  const ledger = ledgerAtOrBelow(window, sequence)
  return ledger?.sequence === sequence ? ledger : undefined
}

/** The ledger that has `depth` others above it: 0 is the tip. */
export function ledgerAtDepth({ chunks }: LedgerWindow, depth: number): Ledger | undefined {
  let above = depth
  const chunk =
    chunks[
      lastIndexWhere(chunks, ({ length }) => {
        above -= length
        return above < 0
      })
    ]
  return chunk?.[-1 - above]
}

/** All ledgers from `sequence` up, oldest first, in an array of the caller's own. */
export function ledgersFrom(window: LedgerWindow, sequence: number): Ledger[] {
  return window.chunks.flat().filter((ledger) => ledger.sequence >= sequence)
}

/** Adds ledgers above the tip, in ascending order, and drops the oldest beyond `limit`. */
export function appendLedgers(
  window: LedgerWindow,
  ledgers: readonly Ledger[],
  limit: number = Number.POSITIVE_INFINITY,
): LedgerWindow {
  const chunks = window.chunks.slice()
  // Only the last chunk has to be copied, which older states share; those begun here are ours to fill.
  let open = chunks.pop()?.slice() ?? []
  for (const ledger of ledgers) {
    if (open[0] && groupOf(open[0]) !== groupOf(ledger)) {
      chunks.push(open)
      open = []
    }
    open.push(ledger)
  }
  if (open.length > 0) chunks.push(open)
  let excess = window.size + ledgers.length - limit
  const size = Math.min(window.size + ledgers.length, limit)
  let { forgotten } = window
  while (excess > 0) {
    const first = chunks[0] as readonly Ledger[]
    const kept = first.slice(excess)
    if (kept.length > 0) chunks[0] = kept
    else chunks.shift()
    excess -= first.length - kept.length
    forgotten = (first.at(-1 - kept.length) as Ledger).sequence
  }
  return { size, forgotten, chunks }
}

/** Adds one ledger at a height that is not held, below the tip. */
export function insertLedger(window: LedgerWindow, ledger: Ledger): LedgerWindow {
  const chunks = window.chunks.slice()
  const group = groupOf(ledger)
  const at = lastIndexWhere(chunks, ([first]) => groupOf(first as Ledger) <= group)
  const chunk = chunks[at]
  if (chunk && groupOf(chunk[0] as Ledger) === group) {
    const place = 1 + lastIndexWhere(chunk, ({ sequence }) => sequence < ledger.sequence)
    chunks[at] = [...chunk.slice(0, place), ledger, ...chunk.slice(place)]
  } else chunks.splice(at + 1, 0, [ledger])
  return { ...window, size: window.size + 1, chunks }
}

/** Drops the oldest beyond `limit`. */
export function trimWindow(window: LedgerWindow, limit: number): LedgerWindow {
  return window.size > limit ? appendLedgers(window, [], limit) : window
}

/** Removes everything from `sequence` up: what is left, and what was removed, newest first, the order in which a consumer undoes. */
export function truncateFrom(window: LedgerWindow, sequence: number): readonly [LedgerWindow, Ledger[]] {
  const chunks = window.chunks.slice()
  const removed: Ledger[] = []
  for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) {
    const kept = chunk.filter((ledger) => ledger.sequence < sequence)
    removed.push(...chunk.slice(kept.length).reverse())
    if (kept.length > 0) {
      chunks.push(kept)
      break
    }
  }
  return [{ ...window, size: window.size - removed.length, chunks }, removed]
}

function groupOf({ sequence }: Ledger): number {
  return Math.floor(sequence / 32)
}

/** Where the last item that fits is, or -1. (Array.prototype.findLastIndex is of ES2023.) */
export function lastIndexWhere<Item>(list: readonly Item[], fits: (item: Item) => boolean): number {
  let index = list.length - 1
  while (index >= 0 && !fits(list[index] as Item)) index--
  return index
}
