// Breaks the reorg core by hand, one way at a time, most of them after a bug of a peer, and runs the tests on each: every one must be
// caught. The sources are patched in a copy, never in place. Slow lane: `node scripts/mutate-reorg.mjs`, or with a part of a name.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** name, file, what it says, what it is made to say */
const mutants = [
  ['rolls back final ledgers', 'ledgers', "if (held) return refusal('FINALITY_CONFLICT')", ''],
  [
    'takes lag for a reorg',
    'ledgers',
    "if (held?.hash === hash) return 'DUPLICATE'",
    "if (held === tip) return 'DUPLICATE'",
  ],
  [
    'misses the replaced ledger (parent check only)',
    'ledgers',
    "if (!held && (existingHash === null ? !newer : existingHash === hash)) return 'LATE'",
    "return 'STALE'",
  ],
  [
    'misses the broken link (height check only)',
    'validate',
    'return one !== undefined && other !== undefined && one !== other',
    'return false',
  ],
  [
    'keeps the divergent ledger (off by one)',
    'ledgers',
    'truncateFrom(next.window, sequence)',
    'truncateFrom(next.window, sequence + 1)',
  ],
  [
    'undoes one ledger too many',
    'ledgers',
    'truncateFrom(next.window, sequence)',
    'truncateFrom(next.window, sequence - 1)',
  ],
  ['drops late ledgers', 'ledgers', "effects.push({ type: 'late', ledger })", ''],
  ['loses the branch that replaced ours', 'ledgers', 'fresh.push(ledger)', "if (code !== 'REORG') fresh.push(ledger)"],
  ['suspects no reset', 'ledgers', '(ledger.closedAt as number) > (tip?.closedAt as number)', 'false'],
  ['suspects a reset on every lag', 'ledgers', '(ledger.closedAt as number) > (tip?.closedAt as number)', 'true'],
  ['forks from below what it holds', 'ledgers', 'if (!below && window.forgotten !== null)', 'if (false)'],
  ['takes any gap', 'ledgers', 'missing > config.maxGap', 'false'],
  [
    'forgets the window limit',
    'ledgers',
    'appendLedgers(next.window, fresh, config.history)',
    'appendLedgers(next.window, fresh, Number.MAX_SAFE_INTEGER)',
  ],
  ['a gap moves finality', 'settle', 'if (!gap) {', 'if (true) {'],
  [
    'finality goes back',
    'settle',
    'final = Math.max(final, finalByDepth(window, config.finalityDepth))',
    'final = finalByDepth(window, config.finalityDepth)',
  ],
  [
    'finality by height, not by ledgers',
    'settle',
    "if (config.finality === 'depth') final = Math.max(final, finalByDepth(window, config.finalityDepth))",
    'final = Math.max(final, tip.sequence - config.finalityDepth)',
  ],
  [
    'finality one ledger early',
    'settle',
    'Math.min(depth, window.size - 1 - top)',
    'Math.min(depth - 1, window.size - 1 - top)',
  ],
  [
    'safe never goes back',
    'settle',
    'const safe = Math.max((next.tip as Ledger).sequence - next.config.safetyMargin, sequence)',
    'const safe = Math.max((next.tip as Ledger).sequence - next.config.safetyMargin, sequence, lastSafeLedger)',
  ],
  [
    'safe is the tip',
    'settle',
    '(next.tip as Ledger).sequence - next.config.safetyMargin',
    '(next.tip as Ledger).sequence',
  ],
  ['the flag is cleared by the step that set it', 'settle', 'next.reorgDetected = true', 'next.reorgDetected = false'],
  [
    'the flag clears too soon',
    'settle',
    'sequence > recovery.ledger + config.recoveryLedgers',
    'sequence >= recovery.ledger',
  ],
  ['the flag clears below what was once safe', 'settle', 'next.lastSafeLedger > recovery.safeMark &&', ''],
  ['a no-op clears the latch', 'settle', 'conflict && sequence > conflict.tip', 'conflict'],
  ['orphans are kept for good', 'settle', 'return room < 0', 'return false'],
  ['the deferred finality is not checked', 'settle', 'if (verdict === true) final', 'if (verdict) final'],
  [
    'resumes from an orphan as if nothing had happened',
    'cursor',
    'undo.push(...ledgers.filter(({ sequence }) => sequence <= end))',
    '',
  ],
  ['resumes by height alone', 'cursor', '|| end?.hash !== place.hash', ''],
  ['resumes across a reset', 'cursor', "if (place.epoch !== state.epoch) return answer('OTHER_EPOCH')", ''],
  ['anyone may reset', 'step', "actor !== 'operator' || ", ''],
  ['a contradiction in one response is let through', 'validate', 'check(!differ(twin[key], ledger[key])', 'check(true'],
  [
    'a broken chain in one response is let through',
    'validate',
    'check(!differ(ledger.parentHash, last.hash)',
    'check(true',
  ],
  [
    'a batch is taken in the order it comes',
    'validate',
    'ledgers.sort((one, other) => one.sequence - other.sequence)',
    'ledgers',
  ],
  [
    'keeps what it was given',
    'validate',
    'ledgers.push(readLedger(input[index], config, index))',
    'ledgers.push((readLedger(input[index], config, index), input[index]))',
  ],
  [
    'the window is changed in place',
    'window',
    'chunks.pop()?.slice() ?? []',
    '(chunks.pop() as Ledger[] | undefined) ?? []',
  ],
  ['the window drops one too many', 'window', 'ledgers.length - limit', 'ledgers.length - limit + 1'],
]

const asked = process.argv[2]
const work = mkdtempSync(join(tmpdir(), 'mutate-reorg-'))
const survivors = []
let killed = 0
try {
  for (const part of ['src/reorg', 'test/reorg', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, part), join(work, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'))
  const run = () =>
    spawnSync('npx', ['vitest', 'run', '--bail=1', 'test/reorg', '--exclude', '**/exhaustive*'], {
      cwd: work,
      stdio: 'ignore',
      env: { ...process.env, REORG_SEED: '1' },
    }).status
  if (run() !== 0) throw new Error('the tests fail before anything is broken')
  for (const [name, file, text, broken] of mutants) {
    if (asked && !name.includes(asked)) continue
    const path = join(work, 'src/reorg', `${file}.ts`)
    const source = readFileSync(path, 'utf8')
    if (source.split(text).length !== 2) throw new Error(`${file}.ts must hold exactly once: ${text}`)
    writeFileSync(
      path,
      source.replace(text, () => broken),
    )
    const caught = run() !== 0
    writeFileSync(path, source)
    console.log(`${caught ? 'caught  ' : 'SURVIVED'} ${name}`)
    if (caught) killed++
    else survivors.push(name)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${killed} caught, ${survivors.length} survived`)
process.exitCode = survivors.length === 0 ? 0 : 1
