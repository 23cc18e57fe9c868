// How a signature may be written: every prefix and extension, case, alphabet, lists, and what a hostile list costs.

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createWebhookVerifier, defineScheme } from '../../src/webhook/index.ts'
import { base64, hex, hexAnyCase, singleSignature } from '../../src/webhook/schemes/index.ts'
import {
  clock,
  hmac,
  NOW,
  SCHEME_NAMES,
  type SchemeName,
  schemeOf,
  secretOf,
  send,
  signatureHeader,
  verify,
} from './support.ts'

// A MAC is one Hmac object, or two one-shot hashes if the message is short.
const counts = vi.hoisted(() => ({ createHmac: 0, hash: 0, timingSafeEqual: 0 }))
vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>()
  return {
    ...original,
    createHmac: (...args: Parameters<typeof original.createHmac>) => {
      counts.createHmac++
      return original.createHmac(...args)
    },
    hash: (...args: Parameters<typeof original.hash>) => {
      counts.hash++
      return original.hash(...args)
    },
    timingSafeEqual: (...args: Parameters<typeof original.timingSafeEqual>) => {
      counts.timingSafeEqual++
      return original.timingSafeEqual(...args)
    },
  }
})

const reset = () => Object.assign(counts, { createHmac: 0, hash: 0, timingSafeEqual: 0 })
const work = () => ({ macs: counts.createHmac + counts.hash / 2, comparisons: counts.timingSafeEqual })

const REFUSED = ['malformed_signature', 'signature_mismatch', 'ambiguous_header', 'missing_signature']

/** The scheme's headers with another signature in them. */
const withSignature = (name: SchemeName, change: (signature: string) => string) => {
  const headers = send(name)
  const header = signatureHeader(name)
  return { ...headers, [header]: change(headers[header] as string) }
}
const codeOf = (name: SchemeName, change: (signature: string) => string) =>
  verify(name, withSignature(name, change)).code

describe.each(SCHEME_NAMES)('%s', (name) => {
  const signature = send(name)[signatureHeader(name)] as string

  it('refuses every proper prefix', () => {
    for (let length = 0; length < signature.length; length++) {
      expect(REFUSED).toContain(codeOf(name, (text) => text.slice(0, length)))
    }
  })

  it('refuses every proper suffix', () => {
    for (let from = 1; from < signature.length; from++) {
      expect(REFUSED).toContain(codeOf(name, (text) => text.slice(from)))
    }
  })

  it('refuses every extension by one character, except white space that the scheme trims', () => {
    const trims = ['fluxora', 'stellarPayment'].includes(name)
    for (let unit = 0; unit < 512; unit++) {
      const extra = String.fromCharCode(unit)
      for (const code of [codeOf(name, (text) => text + extra), codeOf(name, (text) => extra + text)]) {
        if (trims && extra.trim() === '') expect(code).toBe('ok')
        else expect(REFUSED.concat('invalid_timestamp')).toContain(code)
      }
    }
  })

  it('refuses a signature with any one character of the MAC changed', () => {
    const start = signature.length - (name === 'shopify' || name === 'standardWebhooks' ? 44 : 64)
    for (let at = start; at < signature.length; at++) {
      for (const other of ['0', 'A', '=', 'g', '-', '_', '\0', 'é', '\u0130', '\uff11']) {
        if (
          signature[at] === other ||
          (name === 'fluxora' || name === 'stellarPayment' ? signature[at] === other.toLowerCase() : false)
        )
          continue
        expect(REFUSED).toContain(codeOf(name, (text) => text.slice(0, at) + other + text.slice(at + 1)))
      }
    }
  })

  it('refuses every flipped bit of the MAC', () => {
    const { signature: format } = schemeOf(name)
    const mac = format.read(signature)?.candidates[0] as Uint8Array
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Uint8Array.from(mac)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(codeOf(name, () => format.write([flipped], String(NOW)))).toBe('signature_mismatch')
    }
  })

  it('refuses text that is not a signature at all', () => {
    for (const junk of [
      '\0',
      'undefined',
      'null',
      '{}',
      '='.repeat(44),
      'A'.repeat(44),
      '/'.repeat(64),
      ',',
      't=,v1=',
      'v1,',
      'v0=',
      'sha256=',
      '\ud800'.repeat(64),
      'f'.repeat(1_048_576),
    ]) {
      expect(REFUSED).toContain(codeOf(name, () => junk))
    }
  })
})

describe('case', () => {
  it.each([
    ['fluxora', 'ok'],
    ['stellarPayment', 'ok'],
    ['chronomind', 'malformed_signature'],
    ['fluxdrop', 'malformed_signature'],
    ['stripe', 'malformed_signature'],
    ['github', 'malformed_signature'],
    ['slack', 'malformed_signature'],
  ] as const)('%s: upper-case digits are %s', (name, code) => {
    expect(codeOf(name, (text) => text.replace(/[0-9a-f]{64}$/, (digits) => digits.toUpperCase()))).toBe(code)
  })

  it.each([
    ['stellarPayment', 'SHA256='],
    ['github', 'SHA256='],
    ['github', 'Sha256='],
    ['slack', 'V0='],
  ] as const)('%s: the prefix %s is another prefix', (name, prefix) => {
    expect(codeOf(name, (text) => prefix + text.slice(prefix.length))).toBe('malformed_signature')
  })

  it.each(['slack', 'github', 'stellarPayment'] as const)(
    '%s: nothing may come before the prefix or inside it',
    (name) => {
      for (const change of [
        (text: string) => `x${text}`,
        (text: string) => text.replace('=', ' = '),
        (text: string) => text.replace('=', ''),
      ]) {
        expect(codeOf(name, change)).toBe('malformed_signature')
      }
    },
  )
})

describe('base64', () => {
  const mac = Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 251) % 256)
  const text = Buffer.from(mac).toString('base64')

  it('writes and reads what node:buffer does', () => {
    expect(base64.encode(mac)).toBe(text)
    expect(base64.decode(text)).toEqual(mac)
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 91 + length) % 256)
      expect(base64.encode(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    }
  })

  it('accepts 32 bytes and no other length, padded or not', () => {
    for (let length = 0; length < 70; length++) {
      const encoded = Buffer.alloc(length, 7).toString('base64')
      expect(base64.decode(encoded)?.length).toBe(length === 32 ? 32 : undefined)
    }
    expect(base64.decode('A'.repeat(44))).toBeUndefined() // 33 bytes in as many characters
    expect(base64.decode(`${'A'.repeat(42)}==`)).toBeUndefined() // 31
  })

  it('accepts one text for each value: no bits left over, no other alphabet, no missing padding', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const last = alphabet.indexOf(text[42] as string)
    for (let value = 0; value < 64; value++) {
      const other = `${text.slice(0, 42)}${alphabet[value]}=`
      expect(base64.decode(other) !== undefined).toBe(value % 4 === 0)
      if (value !== last && value % 4 === 0) expect(base64.decode(other)).not.toEqual(mac)
    }
    expect(base64.decode(text.slice(0, -1))).toBeUndefined()
    expect(base64.decode(`${text.slice(0, -1)} `)).toBeUndefined()
    expect(base64.decode(text.replaceAll('+', '-').replaceAll('/', '_'))).toBeUndefined()
    expect(base64.decode(`${text.slice(0, 20)}=${text.slice(21)}`)).toBeUndefined()
    expect(base64.decode(`${text.slice(0, 20)}\n${text.slice(21)}`)).toBeUndefined()
    expect(base64.decode(`${text.slice(0, 20)}\u0141${text.slice(21)}`)).toBeUndefined()
  })

  it('a text of the right length and the wrong number of bytes is malformed, not a crash', () => {
    expect(codeOf('shopify', () => 'A'.repeat(44))).toBe('malformed_signature')
    expect(codeOf('shopify', () => `${'A'.repeat(42)}==`)).toBe('malformed_signature')
    expect(codeOf('standardWebhooks', () => `v1,${'A'.repeat(44)}`)).toBe('malformed_signature')
  })
})

describe('hex', () => {
  it('writes and reads every byte', () => {
    for (let from = 0; from < 256; from += 32) {
      const mac = Uint8Array.from({ length: 32 }, (_, at) => from + at)
      const text = Buffer.from(mac).toString('hex')
      expect(hex.encode(mac)).toBe(text)
      expect(hexAnyCase.encode(mac)).toBe(text)
      expect(hex.decode(text)).toEqual(mac)
      expect(hexAnyCase.decode(text.toUpperCase())).toEqual(mac)
      if (text !== text.toUpperCase()) expect(hex.decode(text.toUpperCase())).toBeUndefined()
    }
  })

  it('accepts no other character in any place', () => {
    const digits = new Set('0123456789abcdefABCDEF')
    for (let unit = 0; unit < 0x300; unit++) {
      const letter = String.fromCharCode(unit)
      for (const at of [0, 1, 62, 63]) {
        const text = `${'0'.repeat(at)}${letter}${'0'.repeat(63 - at)}`
        expect(hexAnyCase.decode(text) !== undefined).toBe(digits.has(letter))
        expect(hex.decode(text) !== undefined).toBe(digits.has(letter) && letter === letter.toLowerCase())
      }
    }
  })
})

describe('field lists (chronomind, stripe)', () => {
  const body = '{}'
  const mac = hmac(secretOf('stripe'), `${NOW}.${body}`).toString('hex')
  const check = (signature: string) => verify('stripe', { 'stripe-signature': signature }, body).code

  it.each([
    ['in order', `t=${NOW},v1=${mac}`, 'ok'],
    ['the other way round', `v1=${mac},t=${NOW}`, 'ok'],
    ['with other fields', `a=1,t=${NOW},v0=ff,v1=${mac},v2=x`, 'ok'],
    ['with a field that has no name', `t=${NOW},v1=${mac},junk`, 'ok'],
    ['a wrong one before the right one', `t=${NOW},v1=${'0'.repeat(64)},v1=${mac}`, 'ok'],
    ['a wrong one behind the right one', `t=${NOW},v1=${mac},v1=${'0'.repeat(64)}`, 'ok'],
    ['an unreadable one before the right one', `t=${NOW},v1=zz,v1=${mac}`, 'ok'],
    ['an empty signature', `t=${NOW},v1=`, 'malformed_signature'],
    ['no timestamp', `v1=${mac}`, 'malformed_signature'],
    ['an empty timestamp', `t=,v1=${mac}`, 'malformed_signature'],
    ['the timestamp twice', `t=${NOW},t=${NOW},v1=${mac}`, 'malformed_signature'],
    ['an empty timestamp beside a good one', `t=,t=${NOW},v1=${mac}`, 'malformed_signature'],
    ['two timestamps', `t=1,v1=${mac},t=${NOW}`, 'malformed_signature'],
    ['a trailing comma', `t=${NOW},v1=${mac},`, 'malformed_signature'],
    ['a leading comma', `,t=${NOW},v1=${mac}`, 'malformed_signature'],
    ['two commas', `t=${NOW},,v1=${mac}`, 'malformed_signature'],
    ['a blank behind the comma', `t=${NOW}, v1=${mac}`, 'ok'],
    ['blanks behind the comma', `t=${NOW},  v1=${mac}`, 'ok'],
    ['a tab behind the comma', `t=${NOW},\tv1=${mac}`, 'ok'],
    ['a blank behind each comma', `t=${NOW}, v1=${'0'.repeat(64)}, v1=${mac}`, 'ok'],
    ['a blank behind the comma, the other way round', `v1=${mac}, t=${NOW}`, 'ok'],
    ['a blank before another field', `t=${NOW},v1=${mac}, v0=ff`, 'ok'],
    ['a second signature behind a blank', `t=${NOW},v1=${mac}, v1=${'0'.repeat(64)}`, 'ok'],
    ['a second signature behind a blank, which is the right one', `t=${NOW},v1=${'0'.repeat(64)}, v1=${mac}`, 'ok'],
    ['a blank and nothing behind the comma', `t=${NOW},v1=${mac}, `, 'malformed_signature'],
    ['a blank between two commas', `t=${NOW}, ,v1=${mac}`, 'malformed_signature'],
    ['a line break behind the comma', `t=${NOW},\nv1=${mac}`, 'malformed_signature'],
    ['a no-break space behind the comma', `t=${NOW},\u00a0v1=${mac}`, 'malformed_signature'],
    ['a blank in the name', `t=${NOW},v 1=${mac}`, 'malformed_signature'],
    ['a blank before the sign', `t=${NOW},v1 =${mac}`, 'malformed_signature'],
    ['a blank before a field that has no name', `t=${NOW},v1=${mac}, junk`, 'malformed_signature'],
    ['a blank before a field whose name is empty', `t=${NOW},v1=${mac}, =junk`, 'malformed_signature'],
    ['a blank at the end', `t=${NOW},v1=${mac} `, 'malformed_signature'],
    ['a blank before the comma', `t=${NOW} ,v1=${mac}`, 'malformed_signature'],
    ['a blank in the timestamp', `t= ${NOW},v1=${mac}`, 'malformed_signature'],
    ['a blank in another candidate', `t=${NOW},v1=${mac},v1= ${mac}`, 'malformed_signature'],
    ['a blank around the whole', ` t=${NOW},v1=${mac}`, 'malformed_signature'],
    ['an upper-case name', `T=${NOW},v1=${mac}`, 'malformed_signature'],
    ['an upper-case version', `t=${NOW},V1=${mac}`, 'malformed_signature'],
    ['semicolons', `t=${NOW};v1=${mac}`, 'malformed_signature'],
    ['two headers joined', `t=${NOW},v1=${mac}, t=${NOW},v1=${mac}`, 'ambiguous_header'],
    ['two different headers joined', `t=1,v1=${mac}, t=${NOW},v1=${mac}`, 'ambiguous_header'],
    ['two headers with blanks joined', `t=${NOW}, v1=${mac}, t=${NOW}, v1=${mac}`, 'ambiguous_header'],
    ['two headers joined, one with blanks', `t=1,v1=${mac}, t=${NOW}, v0=ff, v1=${mac}`, 'ambiguous_header'],
    ['three headers with blanks joined', Array(3).fill(`t=${NOW}, v1=${mac}`).join(', '), 'ambiguous_header'],
    ['two headers joined, something between', `t=${NOW}, v1=${mac}, x, t=${NOW}, v1=${mac}`, 'ambiguous_header'],
    ['two timestamps in one', `t=${NOW}, t=${NOW}, v1=${mac}`, 'malformed_signature'],
  ])('%s', (_, signature, code) => {
    expect(check(signature)).toBe(code)
    if (code === 'ok' || _ === 'semicolons') return
    expect(verify('chronomind', { 'x-webhook-signature': signature }, body).code).toBe(code)
  })

  it.each([
    '+1710000000',
    '1e9',
    '1.71e9',
    '0x65ec8780',
    '01710000000',
    '-1',
    '0',
    '1710000000.5',
    '1710000000junk',
    'NaN',
    'abc',
    '1710000000\t',
    '9007199254740993',
  ])('t=%j is not a timestamp, signed or not', (timestamp) => {
    for (const name of ['stripe', 'chronomind'] as const) {
      const signature = `t=${timestamp},v1=${hmac(secretOf(name), `${timestamp}.${body}`).toString('hex')}`
      expect(verify(name, { [signatureHeader(name)]: signature }, body).code).toBe('invalid_timestamp')
    }
  })
})

describe('versioned lists (standardWebhooks)', () => {
  const signature = send('standardWebhooks')['webhook-signature'] as string
  const wrong = `v1,${Buffer.alloc(32).toString('base64')}`
  const check = (text: string) => codeOf('standardWebhooks', () => text)

  it.each([
    ['one', signature, 'ok'],
    ['a wrong one before it', `${wrong} ${signature}`, 'ok'],
    ['a wrong one behind it', `${signature} ${wrong}`, 'ok'],
    ['another version before it', `v1a,xyz ${signature}`, 'ok'],
    ['an unreadable one before it', `v1,xyz ${signature}`, 'ok'],
    ['only another version', signature.replace('v1,', 'v2,'), 'malformed_signature'],
    ['no version', signature.slice(3), 'malformed_signature'],
    ['an empty signature', 'v1,', 'malformed_signature'],
    ['an empty signature beside a good one', `v1, ${signature}`, 'malformed_signature'],
    ['two blanks', `${wrong}  ${signature}`, 'malformed_signature'],
    ['a blank at the end', `${signature} `, 'malformed_signature'],
    ['a tab between', `${wrong}\t${signature}`, 'malformed_signature'],
    ['two headers joined', `${signature}, ${signature}`, 'ambiguous_header'],
    ['two different headers joined', `${wrong}, ${signature}`, 'ambiguous_header'],
  ])('%s', (_, text, code) => {
    expect(check(text)).toBe(code)
  })
})

describe('a header joined of two', () => {
  // Each form as its sender may write it, with and without spaces if the form allows them.
  it.each(SCHEME_NAMES)('%s: is ambiguous, whichever is genuine', (name) => {
    const header = signatureHeader(name)
    const own = send(name)[header] as string
    const other = send(name, { secret: secretOf(name).replace(/.$/, 'A'), timestamp: NOW - 1 })[header] as string
    const ways = own.includes(',') && name !== 'standardWebhooks' ? [',', ', ', ',  '] : [',']
    for (const first of ways) {
      for (const second of ways) {
        for (const [one, two] of [
          [own, own],
          [own, other],
          [other, own],
        ] as const) {
          const joined = `${one.replaceAll(',', name === 'standardWebhooks' ? ',' : first)}, ${two.replaceAll(',', name === 'standardWebhooks' ? ',' : second)}`
          expect(verify(name, { ...send(name), [header]: joined }).code).toBe('ambiguous_header')
        }
      }
    }
  })

  it('ends with a value of the form, or else is malformed, however many pieces are in between', () => {
    const own = send('stripe')['stripe-signature'] as string
    for (const between of [1, 15, 16, 17, 100]) {
      const pieces = Array(between).fill('t=1').join(', ')
      expect(verify('stripe', { 'stripe-signature': `${own}, ${pieces}, ${own}` }).code).toBe('ambiguous_header')
      expect(verify('stripe', { 'stripe-signature': `${own}, ${pieces}, x=1` }).code).toBe('malformed_signature')
    }
  })

  it('is searched for in a limited number of places, so a long header costs little', () => {
    const mac = hmac(secretOf('stripe'), `${NOW}.{}`).toString('hex')
    for (const filler of ['x, ', ', ', 'v1=ff, ', 't=1, ', `t=1,v1=${mac}, `]) {
      const reads: number[] = []
      const format = schemeOf('stripe').signature
      const read = (header: string) => {
        reads.push(header.length)
        return format.read(header)
      }
      const scheme = defineScheme({
        name: 'x',
        headers: { signature: 'stripe-signature' },
        signed: ['timestamp', '.', 'body'],
        signature: { ...format, read },
      })
      const headers = { 'stripe-signature': `t=${NOW}, t=${NOW}, ${filler.repeat(5000)}v1=${mac}` }
      const { ok } = createWebhookVerifier({ scheme, secrets: secretOf('stripe'), now: clock }).verify({
        headers,
        body: '{}',
      })
      expect(ok).toBe(false)
      expect(reads.length).toBeLessThanOrEqual(33)
    }
  })
})

describe('what a hostile list costs', () => {
  beforeEach(() => {
    reset()
  })

  const wrong = (name: 'stripe' | 'standardWebhooks') =>
    name === 'stripe' ? `v1=${'0'.repeat(64)}` : `v1,${Buffer.alloc(32).toString('base64')}`
  const join = (name: 'stripe' | 'standardWebhooks', candidates: string[]) =>
    name === 'stripe' ? [`t=${NOW}`, ...candidates].join(',') : candidates.join(' ')
  const verifierOf = (name: SchemeName, secrets: string[]) =>
    createWebhookVerifier({ scheme: schemeOf(name), secrets, now: clock })

  it.each(['stripe', 'standardWebhooks'] as const)(
    '%s: 2,000 candidates cost one MAC per secret, and 16 comparisons',
    (name) => {
      const secrets = name === 'stripe' ? ['a', 'b', 'c'] : ['whsec_AAAA', 'whsec_BBBB', 'whsec_CCCC']
      const headers = withSignature(name, () => join(name, Array(2000).fill(wrong(name))))
      const verifier = verifierOf(name, secrets)
      for (const body of ['{}', 'x'.repeat(100_000)]) {
        reset()
        expect(verifier.verify({ headers, body }).code).toBe('signature_mismatch')
        expect(work()).toEqual({ macs: 3, comparisons: 48 })
      }
    },
  )

  it.each(['stripe', 'standardWebhooks'] as const)(
    '%s: the sixteenth candidate counts, the seventeenth does not',
    (name) => {
      const own = (send(name)[signatureHeader(name)] as string).replace(/^t=\d+,/, '')
      const at = (place: number) => {
        const candidates: string[] = Array(20).fill(wrong(name))
        candidates[place - 1] = own
        return codeOf(name, () => join(name, candidates))
      }
      expect(at(1)).toBe('ok')
      expect(at(16)).toBe('ok')
      expect(at(17)).toBe('signature_mismatch')
    },
  )

  it.each(['stripe', 'standardWebhooks'] as const)('%s: unreadable candidates count among the sixteen', (name) => {
    const own = (send(name)[signatureHeader(name)] as string).replace(/^t=\d+,/, '')
    const junk = name === 'stripe' ? 'v1=x' : 'v1,x'
    expect(codeOf(name, () => join(name, [...Array(15).fill(junk), own]))).toBe('ok')
    expect(codeOf(name, () => join(name, [...Array(16).fill(junk), own]))).toBe('malformed_signature')
  })

  it('compares every secret with every candidate, whatever was found before', () => {
    const own = send('stripe')['stripe-signature'] as string
    const headers = { 'stripe-signature': `${own},${wrong('stripe')},${wrong('stripe')}` }
    const verifier = verifierOf('stripe', [secretOf('stripe'), 'b', 'c', 'd'])
    reset()
    expect(verifier.verify({ headers, body: '{}' }).code).toBe('ok')
    expect(work()).toEqual({ macs: 4, comparisons: 12 })
  })

  it('computes no MAC if an earlier check fails', () => {
    const headers = send('fluxora')
    reset()
    for (const [changes, body] of [
      [{ 'x-fluxora-delivery-id': '' }, '{}'],
      [{ 'x-fluxora-timestamp': '' }, '{}'],
      [{ 'x-fluxora-timestamp': '1' }, '{}'],
      [{ 'x-fluxora-timestamp': 'x' }, '{}'],
      [{ 'x-fluxora-signature': 'x' }, '{}'],
      [{ 'content-encoding': 'gzip' }, '{}'],
      [{}, 'x'.repeat(262_145)],
      [{}, {}],
    ] as const) {
      expect(verify('fluxora', { ...headers, ...changes }, body).ok).toBe(false)
    }
    expect(work()).toEqual({ macs: 0, comparisons: 0 })
  })

  it('passes nothing but 32 bytes to the comparison', () => {
    const long = { encode: hex.encode, decode: () => new Uint8Array(33) }
    const scheme = defineScheme({
      name: 'x',
      headers: { signature: 'x' },
      signed: ['body'],
      signature: singleSignature({ encoding: long }),
    })
    expect(createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers: { x: 'y' }, body: '' }).code).toBe(
      'signature_mismatch',
    )
    expect(work().comparisons).toBe(0)
  })
})

describe('a list', () => {
  it.each([
    ['stripe', ','],
    ['chronomind', ','],
    ['standardWebhooks', ' '],
  ] as const)('of %s does not begin with its separator', (name, separator) => {
    const headers = send(name)
    const header = signatureHeader(name)
    expect(verify(name, { ...headers, [header]: separator + headers[header] }).code).toBe('malformed_signature')
  })

  it('is what some schemes write, and others do not', () => {
    const many = SCHEME_NAMES.filter((name) => schemeOf(name).signature.carriesMany)
    expect(many).toEqual(['chronomind', 'standardWebhooks', 'stripe'])
    expect(SCHEME_NAMES.filter((name) => schemeOf(name).signature.carriesTimestamp)).toEqual(['chronomind', 'stripe'])
  })
})
