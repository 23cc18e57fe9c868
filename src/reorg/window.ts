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

const CHUNK = 32

/** The lowest ledger held. */
export function oldestLedger(window: LedgerWindow): Ledger | undefined {
  return window.chunks[0]?.[0]
}

/** The highest ledger held whose sequence is `sequence` or lower. */
export function ledgerAtOrBelow(window: LedgerWindow, sequence: number): Ledger | undefined {
  const chunk = window.chunks[chunkAtOrBelow(window, sequence)]
  return chunk?.[countAtOrBelow(chunk, sequence) - 1]
}

/** The ledger at exactly this height, if it is held. */
export function ledgerAt(window: LedgerWindow, sequence: number): Ledger | undefined {
  const ledger = ledgerAtOrBelow(window, sequence)
  return ledger?.sequence === sequence ? ledger : undefined
}

/** The ledger that has `depth` others above it: 0 is the tip. */
export function ledgerAtDepth(window: LedgerWindow, depth: number): Ledger | undefined {
  let above = depth
  for (let index = window.chunks.length - 1; index >= 0; index--) {
    const chunk = window.chunks[index] as readonly Ledger[]
    if (above < chunk.length) return chunk[chunk.length - 1 - above]
    above -= chunk.length
  }
  return undefined
}

/** All ledgers from `sequence` up, oldest first, in an array of the caller's own. */
export function ledgersFrom(window: LedgerWindow, sequence: number): Ledger[] {
  const start = Math.max(0, chunkAtOrBelow(window, sequence))
  return window.chunks
    .slice(start)
    .flat()
    .filter((ledger) => ledger.sequence >= sequence)
}

/** Adds ledgers above the tip, in ascending order, and drops the oldest beyond `limit`. */
export function appendLedgers(window: LedgerWindow, ledgers: readonly Ledger[], limit: number): LedgerWindow {
  const chunks = window.chunks.slice()
  let open: Ledger[] = []
  let openGroup = -1
  for (const ledger of ledgers) {
    const own = Math.floor(ledger.sequence / CHUNK)
    if (own !== openGroup) {
      openGroup = own
      const last = chunks[chunks.length - 1]
      // Only the chunk that older states share has to be copied; those begun here are ours to fill.
      const shared = last && groupOf(last) === own
      open = shared ? last.slice() : []
      chunks[shared ? chunks.length - 1 : chunks.length] = open
    }
    open.push(ledger)
  }
  return prune(chunks, window.size + ledgers.length, window.forgotten, limit)
}

/** Adds one ledger at a height that is not held, below the tip, and drops the oldest beyond `limit`. Rare: it copies the window. */
export function insertLedger(window: LedgerWindow, ledger: Ledger, limit: number): LedgerWindow {
  const { window: lower, removed } = truncateFrom(window, ledger.sequence)
  return appendLedgers(lower, [ledger, ...removed.reverse()], limit)
}

/** Removes everything from `sequence` up. `removed` is newest first, the order in which a consumer undoes. */
export function truncateFrom(
  window: LedgerWindow,
  sequence: number,
): { readonly window: LedgerWindow; readonly removed: Ledger[] } {
  const removed = ledgersFrom(window, sequence).reverse()
  const index = chunkAtOrBelow(window, sequence - 1)
  const chunks = window.chunks.slice(0, index + 1)
  const last = chunks[index]
  if (last) chunks[index] = last.slice(0, countAtOrBelow(last, sequence - 1))
  return { window: { size: window.size - removed.length, forgotten: window.forgotten, chunks }, removed }
}

function prune(chunks: (readonly Ledger[])[], size: number, forgotten: number | null, limit: number): LedgerWindow {
  let excess = size - limit
  if (excess <= 0) return { size, forgotten, chunks }
  let head = 0
  let dropped = forgotten
  while (excess > 0) {
    const chunk = chunks[head] as readonly Ledger[]
    const count = Math.min(excess, chunk.length)
    dropped = (chunk[count - 1] as Ledger).sequence
    if (count === chunk.length) head++
    else chunks[head] = chunk.slice(count)
    excess -= count
  }
  return { size: limit, forgotten: dropped, chunks: head === 0 ? chunks : chunks.slice(head) }
}

/** Index of the last chunk that begins at `sequence` or below, or -1. */
function chunkAtOrBelow(window: LedgerWindow, sequence: number): number {
  let low = 0
  let high = window.chunks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (firstOf(window.chunks[middle] as readonly Ledger[]) <= sequence) low = middle + 1
    else high = middle
  }
  return low - 1
}

function firstOf(chunk: readonly Ledger[]): number {
  return (chunk[0] as Ledger).sequence
}

function groupOf(chunk: readonly Ledger[]): number {
  return Math.floor(firstOf(chunk) / CHUNK)
}

/** How many ledgers of a chunk stand at `sequence` or below. */
function countAtOrBelow(chunk: readonly Ledger[], sequence: number): number {
  let count = chunk.length
  while (count > 0 && (chunk[count - 1] as Ledger).sequence > sequence) count--
  return count
}
