// Overrides one built-in after another after importing the library, and asks for the same verdicts as before. Prints the verdicts that
// changed, as JSON. Run it in its own process; it uses only what it saved before the first override.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [, , folder, vectorsFile] = process.argv
const load = (file) => import(pathToFileURL(`${folder}/${file}`).href)
const webhook = await load('webhook/index.js')
const schemes = await load('webhook/schemes/index.js')
const decimal = await load('decimal/index.js')
const reorg = await load('reorg/index.js')
const { groups } = JSON.parse(readFileSync(vectorsFile, 'utf8'))

const { stringify } = JSON
const { defineProperty, getOwnPropertyDescriptor } = Object
const { ownKeys } = Reflect
const write = process.stdout.write.bind(process.stdout)

/** The questions: a name, whether accepting is the right answer, and a call that returns true if it accepts. */
const questions = []
const ask = (name, accepts, call) => questions.push({ name, accepts, call })

// One scheme for each way of writing signatures.
for (const group of groups.filter(({ scheme }) => ['fluxora', 'standardWebhooks', 'stripe'].includes(scheme))) {
  const scheme = schemes[group.scheme]
  const now = Number(group.timestamp)
  const verifier = webhook.createWebhookVerifier({ scheme, secrets: group.secret, now: () => now })
  const late = webhook.createWebhookVerifier({ scheme, secrets: group.secret, now: () => now + 301 })
  const small = webhook.createWebhookVerifier({ scheme, secrets: group.secret, now: () => now, maxBodyBytes: 5 })
  const genuine = group.tests[0].signature
  const headersFor = (signature) => {
    const headers = { [scheme.headers.signature[0]]: signature }
    if (scheme.headers.deliveryId[0]) headers[scheme.headers.deliveryId[0]] = group.id
    if (scheme.headers.timestamp[0]) headers[scheme.headers.timestamp[0]] = group.timestamp
    return headers
  }
  const verdict = (by, signature, body) => {
    const headers = headersFor(signature)
    return () => by.verify({ headers, body }).ok === true
  }
  ask(`${group.scheme}: genuine`, true, verdict(verifier, genuine, group.body))
  ask(`${group.scheme}: another body`, false, verdict(verifier, genuine, `${group.body} `))
  ask(`${group.scheme}: a body too large`, false, verdict(small, genuine, group.body))
  ask(`${group.scheme}: too old`, false, verdict(late, genuine, group.body))
  const forged = [
    'empty signature',
    'truncated to 31 bytes',
    'all zeros',
    'a hash without a key',
    'empty header',
    'in upper case',
  ]
  for (const { comment, signature, code } of group.tests)
    if (forged.includes(comment) && code !== 'ok')
      ask(`${group.scheme}: ${comment}`, false, verdict(verifier, signature, group.body))
  const headers = headersFor(genuine)
  const twice = Object.entries(headers).flatMap(([name, value]) => [name, value, name, value])
  ask(
    `${group.scheme}: every header twice`,
    false,
    () => verifier.verify({ headers: twice, body: group.body }).ok === true,
  )
  if (group.scheme === 'fluxora') {
    const input = { secret: group.secret, deliveryId: group.id, timestamp: group.timestamp, rawBody: group.body, now }
    const contract = (more) => {
      const whole = { ...input, signature: genuine, ...more }
      return () => webhook.verifyWebhookSignature(whole).ok === true
    }
    ask('contract: genuine', true, contract({}))
    ask('contract: another secret', false, contract({ secret: 'another' }))
    ask('contract: too old', false, contract({ now: now + 301 }))
    const rotated = { secret: 'another', secretPrevious: group.secret, previousSecretRotatedAt: now - 90_000 }
    ask('contract: an expired secret', false, contract(rotated))
    ask('contract: seen before', false, contract({ isDuplicateDelivery: () => true }))
  }
}
for (const text of ['1', '-1.5', '922337203685.4775807'])
  ask(`decimal ${text}`, true, () => decimal.parseDecimal(text).ok === true)
for (const text of [
  '',
  ' ',
  '1e3',
  '1,5',
  '1.',
  '.5',
  '0x1',
  '1.00000001',
  `1${'0'.repeat(30)}`,
  '1'.repeat(129),
  1,
  null,
  {},
])
  ask(`decimal ${String(text).slice(0, 20)} ${typeof text}`, false, () => decimal.parseDecimal(text).ok === true)
ask('decimal below the minimum', false, () => decimal.parseDecimal('-1', decimal.STELLAR_AMOUNT).ok === true)
const unsafe = { list: [{ amount: 1 }] }
ask('a number for an amount', false, () => decimal.findUnsafeAmounts(unsafe, ['amount']).length === 0)

const ledger = (sequence, hash, parentHash) => ({ sequence, hash, parentHash })
const first = { type: 'ledgers', ledgers: [1, 2, 3, 4].map((n) => ledger(n, `h${n}`, `h${n - 1}`)) }
const state = reorg.stepReorg(reorg.createReorgState({ finalityDepth: 1, history: 4 }), first).state
const next = { type: 'ledgers', ledgers: [ledger(5, 'h5', 'h4')] }
const deep = { type: 'ledgers', ledgers: [ledger(2, 'x2', 'h1')] }
const bad = { type: 'ledgers', ledgers: [ledger(-1, 'x', 'y')] }
const reset = { type: 'reset', actor: 'provider', reason: 'r' }
ask('reorg: the next ledger', true, () => reorg.stepReorg(state, next).code === 'EXTENDED')
for (const [name, event] of [
  ['another branch below finality', deep],
  ['no ledger', bad],
  ['a reset by a provider', reset],
])
  ask(
    `reorg: ${name}`,
    false,
    () => reorg.stepReorg(state, event).state !== state && reorg.stepReorg(state, event).code !== 'FINALITY_CONFLICT',
  )

/** One letter for each question: '1' accepted, '0' refused, 't' thrown. */
function answers() {
  let text = ''
  for (let i = 0; i < questions.length; i++) {
    let letter
    try {
      letter = questions[i].call() ? '1' : '0'
    } catch {
      letter = 't'
    }
    text += letter
  }
  return text
}

let right = ''
for (const { accepts } of questions) right += accepts ? '1' : '0'
const honest = answers()
if (honest !== right) throw new Error(`Wrong answers before any override: ${honest} instead of ${right}.`)

const figures = { questions: questions.length, overrides: 0, unchanged: 0, closed: 0 }
const open = []
const shut = []
Error.stackTraceLimit = 0 // thousands of errors are thrown

function judge(kind, name) {
  const given = answers()
  figures.overrides++
  if (given === right) {
    figures.unchanged++
    return
  }
  let isOpen = false
  for (let i = 0; i < questions.length; i++) {
    if (right[i] === '0' && given[i] === '1') {
      open[open.length] = { kind, name, question: questions[i].name }
      isOpen = true
    }
  }
  if (!isOpen) {
    figures.closed++
    shut[shut.length] = { kind, name }
  }
}

// 1. Properties that appear on common prototypes, as after prototype pollution.
const names = [
  ...[
    'ok',
    'status',
    'code',
    'message',
    'delivery',
    'value',
    'count',
    'timestamp',
    'deliveryId',
    'event',
    'candidates',
    'bag',
    'body',
  ],
  ...[
    'headers',
    'secret',
    'secrets',
    'id',
    'expiresAt',
    'bytes',
    'length',
    'get',
    'has',
    'next',
    'then',
    'toJSON',
    'valueOf',
    'toString',
  ],
  ...[
    'scheme',
    'signature',
    'requires',
    'carriesTimestamp',
    'before',
    'after',
    'units',
    'reason',
    'at',
    'field',
    'scale',
    'min',
    'max',
  ],
  ...[
    'type',
    'ledgers',
    'actor',
    'source',
    'sequence',
    'hash',
    'parentHash',
    'closedAt',
    'forgotten',
    'amount',
    'required',
    'trim',
    'prefix',
  ],
  ...[
    'x-fluxora-signature',
    'x-fluxora-timestamp',
    'content-encoding',
    'secretPrevious',
    'graceWindowSeconds',
    'encoding',
    'name',
    '0',
    '1',
  ],
  ...[
    'toleranceSeconds',
    'maxBodyBytes',
    'now',
    'isDuplicateDelivery',
    'previousSecretRotatedAt',
    'buffer',
    'byteLength',
    'resizable',
  ],
]
const secret = groups[0].secret
const values = [true, 1e15, secret, { ok: true }, () => true, ['body']]
for (const target of ['Object', 'Array', 'String']) {
  const { prototype } = globalThis[target]
  for (const name of names) {
    if (getOwnPropertyDescriptor(prototype, name)) continue
    for (const value of values) {
      defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: true })
      judge('property', `${target}.prototype.${name}`)
      delete prototype[name]
    }
  }
}

// 2. Built-in functions and getters that are replaced.
const typedArray = Object.getPrototypeOf(Uint8Array)
const owners = { typedArray, 'typedArray.prototype': typedArray.prototype }
for (const name of [
  ...[
    'Object',
    'Array',
    'String',
    'Number',
    'Boolean',
    'Symbol',
    'BigInt',
    'Date',
    'RegExp',
    'Map',
    'Set',
    'WeakMap',
    'WeakSet',
    'Error',
  ],
  ...[
    'Function',
    'ArrayBuffer',
    'Uint8Array',
    'DataView',
    'TextEncoder',
    'TextDecoder',
    'Promise',
    'Math',
    'JSON',
    'Reflect',
  ],
]) {
  owners[name] = globalThis[name]
  if (globalThis[name].prototype) owners[`${name}.prototype`] = globalThis[name].prototype
}
owners.globalThis = globalThis
const globals = new Set([
  'isNaN',
  'isFinite',
  'parseInt',
  'parseFloat',
  'Number',
  'String',
  'BigInt',
  'Object',
  'Array',
  'Map',
  'Set',
  'Uint8Array',
  'RegExp',
])
const replacements = [
  () => {
    throw new Error('poisoned')
  },
  () => undefined,
  () => true,
  () => 0,
  () => 32,
  () => '',
  () => '1710000000',
  function itself() {
    return this
  },
  (value) => value,
]
for (const owner of ownKeys(owners)) {
  const object = owners[owner]
  for (const key of ownKeys(object)) {
    if (key === 'constructor' || key === 'prototype' || (object === globalThis && !globals.has(key))) continue
    const descriptor = getOwnPropertyDescriptor(object, key)
    if (!descriptor.configurable) continue
    // Only functions: an engine does not survive wrong lengths and buffers of its own arrays.
    if (typeof descriptor.value !== 'function') continue
    for (const replacement of replacements) {
      defineProperty(object, key, { value: replacement, writable: true, configurable: true })
      judge('function', `${owner}.${typeof key === 'symbol' ? key.description : key}`)
      defineProperty(object, key, descriptor)
    }
  }
}
write(stringify({ ...figures, open, shut, restored: answers() === right }))
