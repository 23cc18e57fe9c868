// Mistakes that Stryker does not make, most of them after a bug of a peer: an argument that is one too large, a call that is left out, a
// limit that is forgotten. Each is a text that stands exactly once in its room, and what it is made to say.

/** @type {Record<string, { name: string, text: string, broken: string }[]>} by room */
export const mistakes = {
  reorg: [
    {
      name: 'treats lag as a reorg',
      text: 'if (held?.hash === hash) return KNOWN',
      broken: 'if (held === tip) return KNOWN',
    },
    {
      name: 'misses the replaced ledger (parent check only)',
      text: 'if (fits && !isNamedPastAnother(chain, ledger)) return placeLate(chain, ledger, below)',
      broken: 'return STALE',
    },
    {
      name: 'keeps the divergent ledger (off by one)',
      text: 'const undo = ledgersFrom(next.window, from).reverse()',
      broken: 'const undo = ledgersFrom(next.window, from + 1).reverse()',
    },
    {
      name: 'undoes one ledger too many',
      text: 'const undo = ledgersFrom(next.window, from).reverse()',
      broken: 'const undo = ledgersFrom(next.window, from - 1).reverse()',
    },
    { name: 'drops late ledgers', text: "effects.push({ type: 'late', ledger })", broken: '' },
    {
      name: 'loses the branch that replaced ours',
      text: 'fresh.push(ledger)',
      broken: "if (draft.code !== 'REORG') fresh.push(ledger)",
    },
    {
      name: 'forgets the window limit',
      text: 'appendLedgers(next.window, fresh, next.config.history + islandLedgers)',
      broken: 'appendLedgers(next.window, fresh, Number.MAX_SAFE_INTEGER)',
    },
    {
      name: 'finality goes back',
      text: 'final = Math.max(final, finalByDepth(next))',
      broken: 'final = finalByDepth(next)',
    },
    {
      name: 'finality by height, not by ledgers',
      text: "if (config.finality === 'depth') final = Math.max(final, finalByDepth(next))",
      broken: 'final = Math.max(final, sequence - config.finalityDepth)',
    },
    {
      name: 'finality one ledger early',
      text: 'Math.min(depth, window.size - 1 - top)',
      broken: 'Math.min(depth - 1, window.size - 1 - top)',
    },
    {
      name: 'safe never goes back',
      text: 'const safe = Math.max(sequenceOf(tip) - config.safetyMargin, sequence)',
      broken: 'const safe = Math.max(sequenceOf(tip) - config.safetyMargin, sequence, lastSafeLedger)',
    },
    {
      name: 'safe is the tip',
      text: 'sequenceOf(tip) - config.safetyMargin',
      broken: 'sequenceOf(tip)',
    },
    {
      name: 'the flag clears too soon',
      text: 'sequence <= recovery.ledger + config.recoveryLedgers',
      broken: 'sequence < recovery.ledger',
    },
    {
      name: 'the deferred finality is not checked',
      text: "if (verdict.kind === 'agrees') final",
      broken: "if (verdict.kind !== 'open') final",
    },
    {
      name: 'resumes from an orphan as if nothing had happened',
      text: 'undo.push(...ledgers.filter((ledger) => ledger.sequence <= end))',
      broken: '',
    },
    {
      name: 'lets a contradiction in one response through',
      text: 'check(!differ(one[key], other[key])',
      broken: 'check(true',
    },
    {
      name: 'lets a broken chain in one response through',
      text: "check(relation !== 'torn', 'ledgers', 'must be of one chain, each linked to the one below it')",
      broken: '',
    },
    {
      name: 'keeps a reference to the input',
      text: 'ledgers.push(ledger)',
      broken: 'ledgers.push(input[index])',
    },
    {
      name: 'the window drops one too many',
      text: 'let excess = window.size - limit',
      broken: 'let excess = window.size - limit + 1',
    },
    {
      name: 'islands push linked ledgers out',
      text: 'appendLedgers(next.window, fresh, next.config.history + islandLedgers)',
      broken: 'appendLedgers(next.window, fresh, next.config.history)',
    },
    {
      name: 'holds any number of islands',
      text: 'if (islandLedgers > maxIslandLedgers(next.config))',
      broken: 'if (false)',
    },
    {
      name: 'measures maxGap from the tip',
      text: 'return sequence - linkedLedger - 1 > config.maxGap',
      broken: 'return sequence - (linkedLedger || 0) - 1 > 100 * config.maxGap',
    },
    {
      name: 'never treats a chain as resumed',
      text: 'if (isOnChain || draft.topRun > config.finalityDepth)',
      broken: 'if (isOnChain)',
    },
    {
      name: 'treats a chain as resumed one ledger too soon',
      text: 'if (isOnChain || draft.topRun > config.finalityDepth)',
      broken: 'if (isOnChain || draft.topRun >= config.finalityDepth)',
    },
    {
      name: 'does not see that a hole was filled',
      text: 'if (lateRange) next.linkedLedger =',
      broken: 'if (lateRange && false) next.linkedLedger =',
    },
    {
      name: 'counts islands for finality',
      text: 'const islandLedgers = countIslandLedgers(chain)',
      broken: 'const islandLedgers = 0',
    },
    { name: 'is healthy on an island', text: '&& !need && !island', broken: '&& !need' },
    {
      name: 'believes the close time of an island',
      text: 'return end?.closedAt === undefined || closedAt > end.closedAt',
      broken: 'return true',
    },
    {
      name: 'ignores links over skipped heights',
      text: "return heights === 'sparse' && ledger.parentHash === below.hash",
      broken: 'return false',
    },
    {
      name: 'accepts links over skipped heights everywhere',
      text: "return heights === 'sparse' && ledger.parentHash === below.hash",
      broken: 'return ledger.parentHash === below.hash',
    },
    {
      name: 'follows a link to an older ledger as if ours were not there',
      text: "if (sequence <= floorOf(chain)) return conflictAt('FINALITY_CONFLICT', sequence, hash, ledger.hash)",
      broken: '',
    },
    {
      name: 'accepts a gap below a parent that is not held',
      text: "if (isHole && config.gapPolicy === 'accept' && isResumed(shown, config)) return GAP",
      broken: "if (isHole && config.gapPolicy === 'accept') return GAP",
    },
    {
      name: 'counts heights as ledgers where some are skipped',
      text: "if (missing > 0 && config.heights === 'sparse') return 0",
      broken: '',
    },
    {
      name: 'a source uses the capacity of another',
      text: 'const waiting = pending.filter((height) => isWaiting(height, source))',
      broken: 'const waiting = pending',
    },
    {
      name: 'drops what can still be agreed on',
      text: 'height.sequence < remembered || !canBeAgreed(height, source, reach, required)',
      broken: 'true',
    },
    {
      name: 'writes a state in another order than it was read in',
      text: 'return { ledger, existingHash, incomingHash, depth,',
      broken: 'return { ledger, depth, existingHash, incomingHash,',
    },
    {
      name: 'accepts seconds as milliseconds',
      text: 'if (fault) throw misuse(',
      broken: 'if (false) throw misuse(',
    },
  ],
}
