// Mistakes that Stryker does not make, most of them after a bug of a peer: an argument that is one too large, a call that is left out, a
// limit that is forgotten. Each is a text that stands exactly once in its room, and what it is made to say.

/** @type {Record<string, { name: string, text: string, broken: string }[]>} by room */
export const mistakes = {
  reorg: [
    {
      name: 'takes lag for a reorg',
      text: "if (held?.hash === hash) return 'DUPLICATE'",
      broken: "if (held === tip) return 'DUPLICATE'",
    },
    {
      name: 'misses the replaced ledger (parent check only)',
      text: "if (!held && (existingHash === null ? !newer : existingHash === hash)) return 'LATE'",
      broken: "return 'STALE'",
    },
    {
      name: 'keeps the divergent ledger (off by one)',
      text: 'truncateFrom(next.window, sequence)',
      broken: 'truncateFrom(next.window, sequence + 1)',
    },
    {
      name: 'undoes one ledger too many',
      text: 'truncateFrom(next.window, sequence)',
      broken: 'truncateFrom(next.window, sequence - 1)',
    },
    { name: 'drops late ledgers', text: "effects.push({ type: 'late', ledger })", broken: '' },
    {
      name: 'loses the branch that replaced ours',
      text: 'fresh.push(ledger)',
      broken: "if (code !== 'REORG') fresh.push(ledger)",
    },
    {
      name: 'forgets the window limit',
      text: 'appendLedgers(next.window, fresh, config.history)',
      broken: 'appendLedgers(next.window, fresh, Number.MAX_SAFE_INTEGER)',
    },
    {
      name: 'finality goes back',
      text: 'final = Math.max(final, finalByDepth(window, config.finalityDepth))',
      broken: 'final = finalByDepth(window, config.finalityDepth)',
    },
    {
      name: 'finality by height, not by ledgers',
      text: "if (config.finality === 'depth') final = Math.max(final, finalByDepth(window, config.finalityDepth))",
      broken: 'final = Math.max(final, tip.sequence - config.finalityDepth)',
    },
    {
      name: 'finality one ledger early',
      text: 'Math.min(depth, window.size - 1 - top)',
      broken: 'Math.min(depth - 1, window.size - 1 - top)',
    },
    {
      name: 'safe never goes back',
      text: 'const safe = Math.max((next.tip as Ledger).sequence - next.config.safetyMargin, sequence)',
      broken:
        'const safe = Math.max((next.tip as Ledger).sequence - next.config.safetyMargin, sequence, lastSafeLedger)',
    },
    {
      name: 'safe is the tip',
      text: '(next.tip as Ledger).sequence - next.config.safetyMargin',
      broken: '(next.tip as Ledger).sequence',
    },
    {
      name: 'the flag clears too soon',
      text: 'sequence > recovery.ledger + config.recoveryLedgers',
      broken: 'sequence >= recovery.ledger',
    },
    {
      name: 'the deferred finality is not checked',
      text: 'if (verdict === true) final',
      broken: 'if (verdict) final',
    },
    {
      name: 'resumes from an orphan as if nothing had happened',
      text: 'undo.push(...ledgers.filter(({ sequence }) => sequence <= end))',
      broken: '',
    },
    {
      name: 'lets a contradiction in one response through',
      text: 'check(!differ(twin[key], ledger[key])',
      broken: 'check(true',
    },
    {
      name: 'lets a broken chain in one response through',
      text: 'check(!differ(ledger.parentHash, last.hash)',
      broken: 'check(true',
    },
    {
      name: 'keeps what it was given',
      text: 'ledgers.push(readLedger(input[index], config, index))',
      broken: 'ledgers.push((readLedger(input[index], config, index), input[index]))',
    },
    { name: 'the window drops one too many', text: 'ledgers.length - limit', broken: 'ledgers.length - limit + 1' },
  ],
}
