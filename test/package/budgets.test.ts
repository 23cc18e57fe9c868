// The lists of what a bundle must not hold. That each word is really in the bundles of its own family is for size.mjs to see, which measures
// the built package.

import { describe, expect, it } from 'vitest'
import { budgets, FAMILIES } from '../../scripts/package/budgets.mjs'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'

interface Budget {
  readonly name: string
  readonly code: string
  readonly without: readonly string[]
  readonly including?: readonly string[]
}

const listed: readonly Budget[] = budgets
const words = Object.values(FAMILIES)

it.each(Object.entries(FAMILIES))(
  '%s has an import whose bundle must hold its word, and others that must not',
  (_, word) => {
    expect(listed.some(({ including = [] }) => including.includes(word))).toBe(true)
    expect(listed.filter(({ without }) => without.includes(word)).length).toBeGreaterThan(5)
  },
)

describe.each(listed.filter(({ including }) => including !== undefined))(
  '$name',
  ({ code, without, including = [] }) => {
    it('may hold the words of its own families, and must not hold those of any other', () => {
      // A scheme of one's own may be of every family, and brings no format for tokens along.
      const others = words.filter((word) => !including.includes(word))
      expect(without).toEqual(expect.arrayContaining(others))
      expect(without.filter((word) => including.includes(word))).toEqual([])
    })

    it('is of the families of its scheme', () => {
      const scheme = ALL_SCHEMES[/export \{ (\w+) \} from '@fluxora\/verify\/schemes'/.exec(code)?.[1] ?? '']
      if (!scheme) return expect(code).toContain('defineScheme')
      const { proof, timestamp } = scheme
      const expected = {
        sha1: proof.algorithm === 'hmac-sha1',
        sha512: proof.algorithm === 'hmac-sha512',
        Ed25519: proof.algorithm === 'ed25519',
        'P-256': proof.algorithm === 'ecdsa-p256-sha256',
        RSASSA: proof.algorithm === 'rsa-sha256',
        '<token>': proof.algorithm === 'token',
        URLSearchParams: [...scheme.before, ...scheme.after].some((part) => part === 'url'),
        toISOString: timestamp.form.startsWith('a date'),
      }
      expect(words.filter((word) => including.includes(word))).toEqual(
        words.filter((word) => Reflect.get(expected, word)),
      )
    })
  },
)
