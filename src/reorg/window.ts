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
  /** Hash of the ledger at `sequence - 1`. Leave it out only if the provider does not give it: links are the better half of detection. */
  readonly parentHash?: string
  /** When the ledger closed: Unix seconds, 0 or more. */
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

export const EMPTY_WINDOW: LedgerWindow = /* @__PURE__ */ Object.freeze({
  size: 0,
  forgotten: null,
  chunks: /* @__PURE__ */ Object.freeze([]),
})

/** The lowest ledger held. */
export function oldestLedger(window: LedgerWindow): Ledger | undefined {
  return window.chunks[0]?.[0]
}

/** The highest ledger held whose sequence is `sequence` or lower. */
export function ledgerAtOrBelow(window: LedgerWindow, sequence: number): Ledger | undefined {
  // From the newest: what is asked for is nearly always close to the tip.
  const chunk = lastWhere(window.chunks, ([first]) => (first as Ledger).sequence <= sequence)
  return chunk && lastWhere(chunk, (ledger) => ledger.sequence <= sequence)
}

/** The ledger at exactly this height, if it is held. */
export function ledgerAt(window: LedgerWindow, sequence: number): Ledger | undefined {
  const ledger = ledgerAtOrBelow(window, sequence)
  return ledger?.sequence === sequence ? ledger : undefined
}

/** The ledger that has `depth` others above it: 0 is the tip. */
export function ledgerAtDepth({ chunks }: LedgerWindow, depth: number): Ledger | undefined {
  let index = chunks.length - 1
  let above = depth
  while (index > 0 && above >= (chunks[index] as readonly Ledger[]).length)
    above -= (chunks[index--] as readonly Ledger[]).length
  const chunk = chunks[index]
  return chunk?.[chunk.length - 1 - above]
}

/** All ledgers from `sequence` up, oldest first, in an array of the caller's own. */
export function ledgersFrom(window: LedgerWindow, sequence: number): Ledger[] {
  return window.chunks.flat().filter((ledger) => ledger.sequence >= sequence)
}

/** Adds ledgers above the tip, in ascending order, and drops the oldest beyond `limit`. */
export function appendLedgers(window: LedgerWindow, ledgers: readonly Ledger[], limit: number): LedgerWindow {
  const chunks = window.chunks.slice()
  let open: Ledger[] = []
  let openGroup = -1
  for (const ledger of ledgers) {
    const own = groupOf(ledger)
    if (own !== openGroup) {
      openGroup = own
      const last = chunks[chunks.length - 1]
      // Only the chunk that older states share has to be copied; those begun here are ours to fill.
      const shared = last && groupOf(last[0] as Ledger) === own
      open = shared ? last.slice() : []
      chunks[shared ? chunks.length - 1 : chunks.length] = open
    }
    open.push(ledger)
  }
  let excess = window.size + ledgers.length - limit
  const size = limit + Math.min(excess, 0)
  let { forgotten } = window
  while (excess > 0) {
    const first = chunks[0] as readonly Ledger[]
    const kept = first.slice(excess)
    if (kept.length > 0) chunks[0] = kept
    else chunks.shift()
    excess -= first.length - kept.length
    forgotten = (first[first.length - kept.length - 1] as Ledger).sequence
  }
  return { size, forgotten, chunks }
}

/** Adds one ledger at a height that is not held, below the tip, and drops the oldest beyond `limit`. */
export function insertLedger(window: LedgerWindow, ledger: Ledger, limit: number): LedgerWindow {
  const { window: lower, removed } = truncateFrom(window, ledger.sequence)
  return appendLedgers(lower, [ledger, ...removed.reverse()], limit)
}

/** Removes everything from `sequence` up. `removed` is newest first, the order in which a consumer undoes. */
export function truncateFrom(
  window: LedgerWindow,
  sequence: number,
): { readonly window: LedgerWindow; readonly removed: Ledger[] } {
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
  return { window: { ...window, size: window.size - removed.length, chunks }, removed }
}

function groupOf({ sequence }: Ledger): number {
  return Math.floor(sequence / 32)
}

// Array.prototype.findLast is of ES2023.
function lastWhere<Item>(list: readonly Item[], fits: (item: Item) => boolean): Item | undefined {
  for (let index = list.length - 1; index >= 0; index--) if (fits(list[index] as Item)) return list[index]
  return undefined
}
