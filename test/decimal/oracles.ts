/**
 * Two readers of the same grammar, written apart from the library and from each other, and texts to try on all of them.
 */
import Big from 'big.js'

export type Verdict = bigint | 'DECIMAL_EMPTY_VALUE' | 'DECIMAL_INVALID_FORMAT' | 'DECIMAL_OUT_OF_RANGE'

interface Bounds {
  readonly scale: number
  readonly min: bigint
  readonly max: bigint
}

/** The grammar as a regular expression, the value as one BigInt of all digits. */
export function regexOracle(text: string, { scale, min, max }: Bounds): Verdict {
  if (text.length > 128) return 'DECIMAL_OUT_OF_RANGE'
  if (/^\s*$/u.test(text)) return 'DECIMAL_EMPTY_VALUE'
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(text)
  if (!match || text.endsWith('\n')) return 'DECIMAL_INVALID_FORMAT'
  const fraction = match[3] ?? ''
  if (/[1-9]/.test(fraction.slice(scale))) return 'DECIMAL_OUT_OF_RANGE'
  const units = BigInt(`${match[2]}${fraction.slice(0, scale).padEnd(scale, '0')}`) * (match[1] === '-' ? -1n : 1n)
  return units < min || units > max ? 'DECIMAL_OUT_OF_RANGE' : units
}

/** big.js, fed only what passes a character by character check; it knows exponents, blanks and more. */
export function bigOracle(text: string, { scale, min, max }: Bounds): Verdict {
  if (text.length > 128) return 'DECIMAL_OUT_OF_RANGE'
  if (text.trim().length === 0) return 'DECIMAL_EMPTY_VALUE'
  const [integer = '', fraction, ...more] = text.replace(/^[+-]/, '').split('.')
  const digits = (part: string) => part.length > 0 && [...part].every((c) => '0123456789'.includes(c))
  if (more.length > 0 || !digits(integer) || (fraction !== undefined && !digits(fraction)))
    return 'DECIMAL_INVALID_FORMAT'
  const scaled = new Big(text.replace(/^\+/, '')).times(new Big(10).pow(scale))
  if (!scaled.eq(scaled.round(0, Big.roundDown))) return 'DECIMAL_OUT_OF_RANGE'
  if (scaled.lt(new Big(min.toString())) || scaled.gt(new Big(max.toString()))) return 'DECIMAL_OUT_OF_RANGE'
  return BigInt(scaled.toFixed(0))
}

/** A generator of random numbers in [0, 1) with a seed (mulberry32), so that a failure can be run again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const STRAY = '0123456789012345678900000999+-..,_eExX \n\t\'"n/:\u0661\uff11\u2212\u00a0\ufeff\u2028\u0000\ud800'

/** An amount, near a boundary or anywhere, and often damaged. */
export function randomText(random: () => number, { scale, min, max }: Bounds): string {
  const below = (n: number) => Math.floor(random() * n)
  const digits = (n: number) => Array.from({ length: n }, () => below(10)).join('')
  let text: string
  switch (below(6)) {
    case 0: {
      const near = [min, max, 0n, 2n ** 53n, 2n ** 63n, 10n ** BigInt(below(40)), 2n ** BigInt(below(130))][below(7)]!
      const units = near + BigInt(below(5) - 2)
      const magnitude = String(units < 0n ? -units : units).padStart(scale + 1, '0')
      const point = magnitude.length - scale
      text = `${units < 0n ? '-' : ''}${magnitude.slice(0, point)}${scale > 0 ? `.${magnitude.slice(point)}` : ''}`
      break
    }
    case 1:
      text = `${digits(1 + below(20))}.${digits(1 + below(scale + 3))}`
      break
    case 2:
      text = `${'0'.repeat(below(130))}${digits(below(30))}.${'0'.repeat(below(20))}${digits(below(3))}${'0'.repeat(below(20))}`
      break
    case 3:
      text = digits(1 + below(140))
      break
    case 4:
      text = Array.from({ length: below(12) }, () => STRAY.charAt(below(STRAY.length))).join('')
      break
    default:
      text = `${['', '+', '-'][below(3)]}${digits(1 + below(8))}${below(2) ? `.${digits(1 + below(8))}` : ''}`
  }
  for (let damage = below(4) === 0 ? 1 + below(3) : 0; damage > 0; damage--) {
    const at = below(text.length + 1)
    const stray = STRAY.charAt(below(STRAY.length))
    text = text.slice(0, at) + (below(3) ? stray : '') + text.slice(at + below(2))
  }
  return text
}
