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

function group(sequence: number): number {
  return Math.floor(sequence / CHUNK)
}

/** The lowest ledger held. */
export function oldestLedger(window: LedgerWindow): Ledger | undefined {
  return window.chunks[0]?.[0]
}

/** The highest ledger held whose sequence is `sequence` or lower. */
export function ledgerAtOrBelow(window: LedgerWindow, sequence: number): Ledger | undefined {
  const chunk = window.chunks[chunkAtOrBelow(window, sequence)]
  return chunk?.[countAtOrBelow(chunk, sequence) - 1]
}

/** The lowest ledger held whose sequence is higher than `sequence`. */
export function ledgerAbove(window: LedgerWindow, sequence: number): Ledger | undefined {
  const index = chunkAtOrBelow(window, sequence)
  const chunk = window.chunks[index]
  return chunk?.[countAtOrBelow(chunk, sequence)] ?? window.chunks[index + 1]?.[0]
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

/** All ledgers from `sequence` up, oldest first. */
export function ledgersFrom(window: LedgerWindow, sequence: number): readonly Ledger[] {
  const start = Math.max(0, chunkAtOrBelow(window, sequence))
  return window.chunks
    .slice(start)
    .flat()
    .filter((ledger) => ledger.sequence >= sequence)
}

/** Adds ledgers above the tip, in ascending order, and drops the oldest beyond `limit`. */
export function appendLedgers(window: LedgerWindow, ledgers: readonly Ledger[], limit: number): LedgerWindow {
  const chunks = window.chunks.slice()
  const last = chunks.length - 1
  let open: Ledger[] | undefined
  let openGroup = -1
  if (last >= 0) {
    openGroup = group((chunks[last]?.[0] as Ledger).sequence)
    if (group((ledgers[0] as Ledger).sequence) === openGroup) chunks[last] = open = (chunks[last] as Ledger[]).slice()
  }
  for (const ledger of ledgers) {
    const own = group(ledger.sequence)
    if (open === undefined || own !== openGroup) {
      open = []
      openGroup = own
      chunks.push(open)
    }
    open.push(ledger)
  }
  return prune(chunks, window.size + ledgers.length, window.forgotten, limit)
}

/** Adds one ledger at a height that is not held, below the tip, and drops the oldest beyond `limit`. */
export function insertLedger(window: LedgerWindow, ledger: Ledger, limit: number): LedgerWindow {
  const index = chunkAtOrBelow(window, ledger.sequence)
  const own = group(ledger.sequence)
  const chunks = window.chunks.slice()
  // The chunk of its group may begin below the ledger, or above it.
  const at = [index, index + 1].find((place) => chunks[place]?.[0] && group(chunks[place][0].sequence) === own)
  if (at === undefined) chunks.splice(index + 1, 0, [ledger])
  else {
    const chunk = (chunks[at] as readonly Ledger[]).slice()
    chunk.splice(countAtOrBelow(chunk, ledger.sequence), 0, ledger)
    chunks[at] = chunk
  }
  return prune(chunks, window.size + 1, window.forgotten, limit)
}

/** Removes everything from `sequence` up. `removed` is newest first, the order in which a consumer undoes. */
export function truncateFrom(
  window: LedgerWindow,
  sequence: number,
): { readonly window: LedgerWindow; readonly removed: readonly Ledger[] } {
  const removed = ledgersFrom(window, sequence).slice().reverse()
  const index = chunkAtOrBelow(window, sequence - 1)
  const chunk = window.chunks[index]
  const chunks = chunk ? [...window.chunks.slice(0, index), chunk.slice(0, countAtOrBelow(chunk, sequence - 1))] : []
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
    if ((window.chunks[middle]?.[0] as Ledger).sequence <= sequence) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** How many ledgers of a chunk stand at `sequence` or below. */
function countAtOrBelow(chunk: readonly Ledger[], sequence: number): number {
  let count = chunk.length
  while (count > 0 && (chunk[count - 1] as Ledger).sequence > sequence) count--
  return count
}
