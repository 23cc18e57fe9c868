import { describe, expect, it } from 'vitest'
import {
  definePolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  parseDecimal,
  SOROBAN_AMOUNT,
  STELLAR_AMOUNT,
} from '../../src/decimal/index.ts'
import { bigOracle, randomFrom, randomText, regexOracle, type Verdict } from './oracles.ts'

// DECIMAL_SOAK=1000000 is the slow lane; FLUXORA_SEED repeats a run.
const rounds = Number(process.env.DECIMAL_SOAK ?? 40_000)
const seed = Number(process.env.FLUXORA_SEED ?? Date.now() % 2 ** 32)

const policies = [
  FLUXORA_AMOUNT,
  FLUXORA_SAFE_INTEGER,
  STELLAR_AMOUNT,
  SOROBAN_AMOUNT,
  evmAmount(0),
  evmAmount(6),
  evmAmount(18),
  definePolicy({ scale: 2, min: -1000n, max: 1000n }),
  definePolicy({ scale: 125, min: -(10n ** 126n - 1n), max: 10n ** 126n - 1n }),
]

describe('against two oracles', () => {
  it(
    `agrees on ${rounds} random and damaged texts, seed ${seed}`,
    () => {
      const random = randomFrom(seed)
      const seen: Record<string, number> = {}
      for (let round = 0; round < rounds; round++) {
        const policy = policies[round % policies.length]!
        const text = randomText(random, policy)
        const result = parseDecimal(text, policy)
        const verdict: Verdict | 'DECIMAL_INVALID_TYPE' = result.ok ? result.units : result.code
        const expected = regexOracle(text, policy)
        // A plain comparison first: expect() is a thousand times dearer.
        if (verdict !== expected || bigOracle(text, policy) !== expected) {
          expect({ seed, round, text, scale: policy.scale, verdict, big: bigOracle(text, policy) }).toStrictEqual({
            seed,
            round,
            text,
            scale: policy.scale,
            verdict: expected,
            big: expected,
          })
        }
        const kind = typeof verdict === 'bigint' ? 'accepted' : verdict
        seen[kind] = (seen[kind] ?? 0) + 1
      }
      // The generator is no use if one kind is missing.
      expect(Object.keys(seen).sort()).toStrictEqual([
        'DECIMAL_EMPTY_VALUE',
        'DECIMAL_INVALID_FORMAT',
        'DECIMAL_OUT_OF_RANGE',
        'accepted',
      ])
      expect(seen.accepted).toBeGreaterThan(rounds / 10)
    },
    rounds * 2,
  )
})
