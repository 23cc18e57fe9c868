// Writes test/vectors/mac-forms.json: for each scheme one genuine signature, and variants that are cut, extended, respelt or made from
// something else, each with the expected code. Uses only node:crypto and the senders' documentation, and nothing from this library.

import { createHash, createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'

const TIMESTAMP = '1710000000'
const BODY = '{"amount":"1.50","to":"GA"}'
const ID = 'evt_1'
const TEXT_SECRET = 'topsecret'
const BASE64_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** How each sender signs: what is signed, in which encoding, and what surrounds the signature. */
const schemes = {
  fluxora: { signed: `${TIMESTAMP}.${BODY}`, encoding: 'hexAnyCase', trimmed: true },
  stellarPayment: { signed: BODY, encoding: 'hexAnyCase', prefix: 'sha256=', trimmed: true },
  chronomind: { signed: `${TIMESTAMP}.${BODY}`, encoding: 'hex', prefix: `t=${TIMESTAMP},v1=` },
  fluxdrop: { signed: BODY, encoding: 'hex' },
  standardWebhooks: { signed: `${ID}.${TIMESTAMP}.${BODY}`, encoding: 'base64', prefix: 'v1,' },
  stripe: { signed: `${TIMESTAMP}.${BODY}`, encoding: 'hex', prefix: `t=${TIMESTAMP},v1=` },
  github: { signed: BODY, encoding: 'hex', prefix: 'sha256=' },
  slack: { signed: `v0:${TIMESTAMP}:${BODY}`, encoding: 'hex', prefix: 'v0=' },
  shopify: { signed: BODY, encoding: 'base64' },
}

const MALFORMED = 'malformed_signature'
const MISMATCH = 'signature_mismatch'

function casesOf(name, { signed, encoding, prefix = '', trimmed = false }) {
  const secret = name === 'standardWebhooks' ? BASE64_SECRET : TEXT_SECRET
  const key = name === 'standardWebhooks' ? Buffer.from(BASE64_SECRET.slice(6), 'base64') : Buffer.from(TEXT_SECRET)
  const hmac = (algorithm, by, text) => createHmac(algorithm, by).update(text).digest()
  const mac = hmac('sha256', key, signed)
  const isHex = encoding !== 'base64'
  const write = (bytes) => Buffer.from(bytes).toString(isHex ? 'hex' : 'base64')
  const genuine = write(mac)
  const tests = []
  const whole = (comment, signature, code) => tests.push({ comment, signature, code })
  const text = (comment, value, code = MALFORMED) => whole(comment, prefix + value, code)
  const bytes = (comment, value) => text(comment, write(value), value.length === 32 ? MISMATCH : MALFORMED)

  text('genuine', genuine, 'ok')
  whole('empty header', '', 'missing_signature')
  if (prefix) text('empty signature', '')
  if (prefix) whole('no prefix', genuine, MALFORMED)
  // In a list of fields, the first of the two is a candidate that cannot be decoded, next to a genuine one.
  const prefixTwice = prefix.includes(',v1=') ? 'ok' : MALFORMED
  whole('prefix twice', prefix ? prefix + prefix + genuine : `sha256=${genuine}`, prefixTwice)
  if (prefix) whole('prefix in upper case', prefix.toUpperCase() + genuine, MALFORMED)
  if (prefix) whole('prefix of another version', prefix.replace(/[a-z]+\d+(?=[=,]$)/, 'v9') + genuine, MALFORMED)

  for (const length of [1, 8, 16, 20, 31]) bytes(`truncated to ${length} bytes`, mac.subarray(0, length))
  bytes('without its first byte', mac.subarray(1))
  for (const added of [0, 255]) bytes(`extended by a byte ${added}`, [...mac, added])
  bytes('a zero byte before it', [0, ...mac])
  bytes('written twice', [...mac, ...mac])
  bytes('all zeros', Buffer.alloc(32))
  bytes('all ones', Buffer.alloc(32, 255))
  bytes('zeros after the first half', [...mac.subarray(0, 16), ...Buffer.alloc(16)])
  bytes('zeros before the last half', [...Buffer.alloc(16), ...mac.subarray(16)])
  bytes('bytes reversed', [...mac].reverse())
  bytes(
    'bits inverted',
    mac.map((byte) => byte ^ 255),
  )
  bytes('rotated by a byte', [...mac.subarray(1), mac[0]])

  bytes('HMAC under an empty key', hmac('sha256', '', signed))
  bytes('HMAC under the secret and a newline', hmac('sha256', Buffer.concat([key, Buffer.from('\n')]), signed))
  bytes('HMAC under the hash of the secret', hmac('sha256', createHash('sha256').update(key).digest(), signed))
  bytes('HMAC over nothing', hmac('sha256', key, ''))
  bytes('HMAC over the body and a newline', hmac('sha256', key, `${signed}\n`))
  bytes('HMAC over the text without its last byte', hmac('sha256', key, signed.slice(0, -1)))
  if (signed !== BODY) bytes('HMAC over the body alone', hmac('sha256', key, BODY))
  bytes('a hash without a key', createHash('sha256').update(signed).digest())
  bytes('a hash of key and text', createHash('sha256').update(key).update(signed).digest())
  bytes('HMAC-SHA-1', hmac('sha1', key, signed))
  bytes('HMAC-SHA-512', hmac('sha512', key, signed))
  bytes('HMAC-SHA-512, its first half', hmac('sha512', key, signed).subarray(0, 32))

  text('without its first character', genuine.slice(1))
  text('without its last character', genuine.slice(0, -1))
  text('one character more', `${genuine}0`)
  text('one character before', `0${genuine}`)
  text('a blank inside', `${genuine.slice(0, 20)} ${genuine.slice(20)}`)
  text('a blank for a character', ` ${genuine.slice(1)}`)
  text('a line break inside', `${genuine.slice(0, 32)}\r\n${genuine.slice(32)}`)
  text('a zero character after', `${genuine}\0`)
  text('a zero character for a character', `\0${genuine.slice(1)}`)
  text('a character outside ASCII', `\u00e9${genuine.slice(1)}`)
  text(
    'a character whose low byte is a digit',
    `${String.fromCharCode(0x100 + genuine.charCodeAt(0))}${genuine.slice(1)}`,
  )
  text('a lone surrogate', `\ud800${genuine.slice(1)}`)
  text('in quotes', `"${genuine}"`)
  text('with 0x before it', `0x${genuine}`)
  text('percent-encoded', `%${genuine.charCodeAt(0).toString(16)}${genuine.slice(1)}`)
  text('full-width first character', String.fromCharCode(genuine.charCodeAt(0) + 0xfee0) + genuine.slice(1))
  for (const word of ['null', 'undefined', 'true', 'NaN', '[object Object]', '__proto__'])
    text(`the word ${word}`, word)
  text('a megabyte of it', genuine.repeat(16384))

  const around = trimmed ? 'ok' : MALFORMED
  whole('a blank before', ` ${prefix}${genuine}`, around)
  whole('a blank after', `${prefix}${genuine} `, around)
  whole('a tab before', `\t${prefix}${genuine}`, around)
  whole('a tab after', `${prefix}${genuine}\t`, around)
  whole('a line break after', `${prefix}${genuine}\r\n`, around)
  if (prefix) whole('a blank after the prefix', `${prefix} ${genuine}`, MALFORMED)
  whole('two headers joined', `${prefix}${genuine}, ${prefix}${genuine}`, 'ambiguous_header')
  whole(
    'two headers joined, the first forged',
    `${prefix}${write(Buffer.alloc(32))}, ${prefix}${genuine}`,
    'ambiguous_header',
  )

  if (isHex) {
    const inUpperCase = encoding === 'hexAnyCase' ? 'ok' : MALFORMED
    text('in upper case', genuine.toUpperCase(), inUpperCase)
    text(
      'one letter in upper case',
      genuine.replace(/[a-f]/, (letter) => letter.toUpperCase()),
      inUpperCase,
    )
    for (const letter of ['g', 'G', '/', ':', '@', '`', '+', '-', '.', ','])
      text(`the character ${letter} first`, letter + genuine.slice(1))
    text('base64 instead', mac.toString('base64'))
    text('base64 without padding', mac.toString('base64url'))
    text('bytes as decimal numbers', [...mac].join(','))
    text('colons between the bytes', genuine.match(/../g).join(':'))
    text('the MAC as binary text', mac.toString('latin1'))
  } else {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    text('hexadecimal instead', mac.toString('hex'))
    text('without padding', genuine.slice(0, -1))
    text('padding twice', `${genuine}=`)
    text('padding alone', '='.repeat(44))
    text('padding at the front', `=${genuine.slice(0, -1)}`)
    text('padding in the middle', `${genuine.slice(0, 20)}=${genuine.slice(21)}`)
    // 43 digits hold 258 bits. The last two do not belong to the MAC and must be zero.
    const last = digits.indexOf(genuine[42])
    for (const bits of [1, 2, 3]) text(`unused bits ${bits}`, `${genuine.slice(0, 42)}${digits[last | bits]}=`)
    text('another digit for the padding', `${genuine.slice(0, -1)}A`)
    text('url-safe first digit', `-${genuine.slice(1)}`)
    text('url-safe other first digit', `_${genuine.slice(1)}`)
    const swap = (value) => value.replace(/[a-z]/gi, (it) => (it < 'a' ? it.toLowerCase() : it.toUpperCase()))
    text('letters swapped in case, but for the last', swap(genuine.slice(0, 42)) + genuine.slice(42), MISMATCH)
    for (const digit of ['*', '.', ',', ':', '@', '[', '`', '{'])
      text(`the character ${digit} first`, digit + genuine.slice(1))
    text('base64 of the hexadecimal', Buffer.from(mac.toString('hex')).toString('base64'))
  }
  return { scheme: name, secret, id: ID, timestamp: TIMESTAMP, body: BODY, mac: mac.toString('hex'), prefix, tests }
}

const groups = Object.entries(schemes).map(([name, form]) => casesOf(name, form))
for (const { tests } of groups) {
  for (const test of tests) {
    // Write a long value as the part that repeats.
    const [, unit] = /^(?:.{0,20}?)(.{43,64}?)\1{9}/s.exec(test.signature) ?? []
    if (unit === undefined) continue
    const at = test.signature.indexOf(unit)
    test.signature = {
      before: test.signature.slice(0, at),
      repeat: unit,
      times: (test.signature.length - at) / unit.length,
    }
  }
}
const file = new URL('../../test/vectors/mac-forms.json', import.meta.url)
writeFileSync(file, `${JSON.stringify({ groups }, null, 2)}\n`)
console.log(`Wrote ${groups.reduce((sum, { tests }) => sum + tests.length, 0)} cases for ${groups.length} schemes.`)
