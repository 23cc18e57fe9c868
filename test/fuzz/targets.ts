// What is fuzzed: each public function that takes something from outside, how to describe the outcome of a call, and what it may throw.
// `never` is for input that a sender, a user or a provider controls; `typed` is for what a program does, where misuse throws this library's
// errors.

import { createAsyncWebhookVerifier, createWebhookRoute, readPayload } from '../../src/adapters/fetch.ts'
import * as decimal from '../../src/decimal/index.ts'
import * as reorg from '../../src/reorg/index.ts'
import { signTestDelivery } from '../../src/testing/index.ts'
import * as webhook from '../../src/webhook/index.ts'
import * as schemes from '../../src/webhook/schemes/index.ts'
import { NOW, SCHEME_NAMES, schemeOf, secretOf, send } from '../webhook/support.ts'
import { proofTargets } from './proof-targets.ts'
import { receiverTargets } from './receiver-targets.ts'
import { senderTargets } from './sender-targets.ts'
import type { Tree } from './values.ts'

export interface Target {
  readonly name: string
  readonly throws: 'never' | 'typed'
  /** Arguments to start from, correct or nearly so. */
  readonly seeds: readonly (readonly Tree[])[]
  /** Returns a short text that names the kind of outcome: a code, a reason, a type. */
  call(...args: readonly never[]): string | Promise<string>
}

// Arguments are junk, so no type fits them.
type Any = never

/** Messages of errors that the junk itself throws, from its getters and traps. They belong to the caller and pass through. */
export const OF_THE_JUNK: readonly string[] = ['a getter that throws', 'a trap that throws', 'x']

const kind = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value)
const verdict = (result: { readonly ok: boolean; readonly code?: string; readonly reason?: string }): string =>
  result.ok ? `ok ${result.code ?? ''}`.trim() : `${result.code}${result.reason ? ` ${result.reason}` : ''}`
const known = <T extends string>(codes: object, code: T): T => {
  if (!Object.hasOwn(codes, code)) throw new Error(`undocumented code ${code}`)
  return code
}

const POLICIES: Tree = { scale: 7, min: { $bigint: '0' }, max: { $bigint: '10000000000' } }
const TERMS: Tree = {
  rate: { units: { $bigint: '3' }, seconds: { $bigint: '2' } },
  deposit: { $bigint: '1000' },
  startTime: 0,
  endTime: 100,
  cliff: 5,
  pause: { since: 50, total: 3 },
  now: 60,
}

const decimalTargets: Target[] = [
  {
    name: 'parseDecimal',
    throws: 'never',
    seeds: [['1.50'], ['-0.0000001']],
    call: (value: Any) => verdict(decimal.parseDecimal(value)),
  },
  {
    name: 'parseDecimal with a policy',
    throws: 'typed',
    seeds: [['1.50', POLICIES]],
    call: (value: Any, policy: Any) => verdict(decimal.parseDecimal(value, policy)),
  },
  {
    name: 'toUnits',
    throws: 'typed',
    seeds: [['1.50', POLICIES, 'amount']],
    call: (...args: Any[]) => kind(decimal.toUnits(args[0], args[1], args[2])),
  },
  {
    name: 'formatUnits',
    throws: 'typed',
    seeds: [
      [{ $bigint: '15' }, 7, 'fixed'],
      [{ $bigint: '15' }, POLICIES],
    ],
    call: (units: Any, policy: Any, style: Any) => kind(decimal.formatUnits(units, policy, style)),
  },
  {
    name: 'normalizeDecimal',
    throws: 'typed',
    seeds: [['01.50']],
    call: (value: Any) => kind(decimal.normalizeDecimal(value)),
  },
  {
    name: 'compareDecimals',
    throws: 'typed',
    seeds: [
      ['1.5', '1.50'],
      ['-1', '2'],
    ],
    call: (a: Any, b: Any) => String(decimal.compareDecimals(a, b)),
  },
  {
    name: 'parseAmountFields',
    throws: 'typed',
    seeds: [[{ a: '1', b: 'x' }]],
    call: (object: Any) => {
      const result = decimal.parseAmountFields(object, ['a', 'b', '__proto__'])
      return result.ok ? 'ok' : result.errors.map(({ field, reason }) => `${field} ${reason}`).join(', ')
    },
  },
  {
    name: 'parseAmountFields with fields',
    throws: 'typed',
    seeds: [
      [{ a: '1' }, { a: POLICIES, b: { optional: POLICIES } }],
      [{ a: '1' }, ['a'], POLICIES],
    ],
    call: (...args: Any[]) => {
      const result = decimal.parseAmountFields(args[0], args[1] as Any, args[2] as Any)
      return result.ok ? 'ok' : [...new Set(result.errors.map(({ reason }) => reason))].sort().join(' ')
    },
  },
  {
    name: 'decimalSchema',
    throws: 'never',
    seeds: [['1.50']],
    call: (value: Any) => {
      const result = decimal.decimalSchema()['~standard'].validate(value)
      return 'value' in result ? 'value' : (result.issues[0]?.reason as string)
    },
  },
  {
    name: 'JSON Schema of decimalSchema',
    throws: 'typed',
    seeds: [[POLICIES, { target: 'draft-07' }]],
    call: (policy: Any, options: Any) =>
      kind(decimal.decimalSchema(policy)['~standard'].jsonSchema.input(options).pattern),
  },
  {
    name: 'decimalPattern',
    throws: 'typed',
    seeds: [[POLICIES]],
    call: (policy: Any) => kind(decimal.decimalPattern(policy)),
  },
  {
    name: 'rescaleUnits',
    throws: 'typed',
    seeds: [
      [{ $bigint: '1500' }, 7, 5],
      [{ $bigint: '1500' }, 7, 4],
    ],
    call: (...args: Any[]) => kind(decimal.rescaleUnits(args[0] as Any, args[1] as Any, args[2] as Any)),
  },
  {
    name: 'findUnsafeAmounts with fields',
    throws: 'typed',
    seeds: [[{ amount: 1 }, ['amount']]],
    call: (payload: Any, fields: Any) => kind(decimal.findUnsafeAmounts(payload, fields)),
  },
  {
    name: 'findUnsafeAmounts',
    throws: 'never',
    seeds: [[{ amount: 1, list: [{ amount: [2] }] }], [{ $cycle: 0 }]],
    call: (payload: Any) =>
      [...new Set(decimal.findUnsafeAmounts(payload, ['amount', '1']).map(({ found }) => found))].sort().join(' ') ||
      'none',
  },
  {
    name: 'bigintReplacer',
    throws: 'typed',
    seeds: [[{ amount: { $bigint: '5' }, list: [{ $bigint: '6' }] }]],
    call: (payload: Any) =>
      kind(
        JSON.stringify([payload], (key, value) =>
          Object(value) === value && key !== '0'
            ? kind(value)
            : decimal.bigintReplacer().call({ [key]: value }, key, value),
        ),
      ),
  },
  {
    name: 'accruedUnits',
    throws: 'typed',
    seeds: [[TERMS]],
    call: (terms: Any) => kind(decimal.accruedUnits(terms)),
  },
  {
    name: 'refundableUnits',
    throws: 'typed',
    seeds: [[TERMS]],
    call: (terms: Any) => kind(decimal.refundableUnits(terms)),
  },
  {
    name: 'depletesAt',
    throws: 'typed',
    seeds: [[TERMS]],
    call: (terms: Any) => kind(decimal.depletesAt(terms)),
  },
  {
    name: 'rateOver',
    throws: 'typed',
    seeds: [[{ $bigint: '5' }, 3]],
    call: (units: Any, seconds: Any) => kind(decimal.rateOver(units, seconds)),
  },
  {
    name: 'covers',
    throws: 'typed',
    seeds: [[{ $bigint: '5' }, { units: { $bigint: '3' }, seconds: { $bigint: '2' } }, 3]],
    call: (...args: Any[]) => kind(decimal.covers(args[0] as Any, args[1] as Any, args[2] as Any)),
  },
  { name: 'evmAmount', throws: 'typed', seeds: [[18]], call: (decimals: Any) => kind(decimal.evmAmount(decimals)) },
  {
    name: 'definePolicy',
    throws: 'typed',
    seeds: [[POLICIES]],
    call: (policy: Any) => kind(decimal.definePolicy(policy)),
  },
  {
    name: 'isDecimalError',
    throws: 'never',
    seeds: [[{ code: 'x' }]],
    call: (value: Any) => String(decimal.isDecimalError(value)),
  },
]

const options = { secrets: 'topsecret', now: () => NOW }
const webhookTargets: Target[] = SCHEME_NAMES.flatMap((name): Target[] => {
  const settings = { scheme: schemeOf(name), secrets: secretOf(name), now: () => NOW }
  const verifier = webhook.createWebhookVerifier(settings)
  const asyncVerifier = createAsyncWebhookVerifier(settings)
  const headers = send(name, { body: '{"a":1}' })
  const seeds: Tree[][] = [
    [headers, '{"a":1}'],
    [headers, { $bytes: '7b2261223a317d' }],
    [Object.entries(headers), '{"a":1}'],
    [Object.entries(headers).flat(), '{"a":1}'],
    [{ $headers: Object.entries(headers) }, '{"a":1}'],
    [{ $map: Object.entries(headers) }, '{"a":1}'],
  ]
  const describeOutcome = (result: {
    readonly ok: boolean
    readonly code: string
    readonly status: number
  }): string => {
    known(webhook.WEBHOOK_STATUS, result.code)
    return verdict(result)
  }
  return [
    {
      name: `verify ${name}`,
      throws: 'never',
      seeds,
      call: (bag: Any, body: Any) => describeOutcome(verifier.verify({ headers: bag, body })),
    },
    {
      name: `verify with WebCrypto ${name}`,
      throws: 'never',
      seeds,
      call: async (bag: Any, body: Any) => describeOutcome(await asyncVerifier.verify({ headers: bag, body })),
    },
    {
      name: `receive ${name}`,
      throws: 'never',
      seeds,
      // Twice, with a new receiver, because what it remembers is part of the outcome.
      call: async (bag: Any, given: Any) => {
        const receiver = webhook.createWebhookReceiver({ ...settings, onOutcome: () => {} })
        const body = typeof given === 'function' ? '' : given
        const first = describeOutcome(await receiver.receive({ headers: bag, body }, () => {}))
        return `${first}, ${describeOutcome(await receiver.receive({ headers: bag, body }, () => {}))}`
      },
    },
  ]
})
const fluxoraHeaders = send('fluxora', { body: '{}' })
webhookTargets.push(
  {
    name: 'verifyWebhookSignature',
    throws: 'never',
    seeds: [['topsecret', 'd1', String(NOW), fluxoraHeaders['x-fluxora-signature'] as string, '{}', 'former']],
    call: (...args: Any[]) => {
      const [secret, deliveryId, timestamp, signature, rawBody, secretPrevious] = args as unknown as Any[]
      const result = webhook.verifyWebhookSignature({
        secret,
        deliveryId,
        timestamp,
        signature,
        rawBody,
        secretPrevious,
        now: NOW,
      } as Any)
      known(webhook.WEBHOOK_STATUS, result.code)
      return verdict(result)
    },
  },
  {
    name: 'verifyWebhookSignature with any input',
    throws: 'typed',
    seeds: [
      [
        {
          secret: 'topsecret',
          deliveryId: 'd1',
          timestamp: String(NOW),
          signature: fluxoraHeaders['x-fluxora-signature'] as string,
          rawBody: '{}',
          now: NOW,
          toleranceSeconds: 300,
          maxBodyBytes: 99,
          secretPrevious: 'x',
          previousSecretRotatedAt: NOW - 5,
          graceWindowSeconds: 9,
          duplicateStatus: 409,
          isDuplicateDelivery: { $function: true },
        },
      ],
      [
        {
          secret: 'topsecret',
          deliveryId: ['d1'],
          timestamp: [String(NOW)],
          signature: [fluxoraHeaders['x-fluxora-signature'] as string],
          rawBody: '{}',
          now: NOW,
        },
      ],
    ],
    call: (input: Any) => verdict(webhook.verifyWebhookSignature(input)),
  },
  {
    name: 'computeWebhookSignature',
    throws: 'typed',
    seeds: [
      ['topsecret', '1710000000', '{}'],
      ['topsecret', NOW, '{}'],
    ],
    call: (...args: Any[]) =>
      kind(
        webhook.computeWebhookSignature(
          args[0] as Any,
          typeof args[1] === 'number' ? args[1] : String(kind(args[1])),
          args[2] as Any,
        ),
      ),
  },
  {
    name: 'createWebhookVerifier',
    throws: 'typed',
    seeds: [[{ secrets: ['a', { secret: 'b', id: 'x', expiresAt: 5 }], toleranceSeconds: 300, maxBodyBytes: 5 }]],
    call: (given: Any) => kind(webhook.createWebhookVerifier(given)),
  },
  {
    name: 'createWebhookSigner',
    throws: 'typed',
    seeds: [[{ secrets: ['a', { secret: 'b' }] }]],
    call: (given: Any) => kind(webhook.createWebhookSigner(given)),
  },
  {
    name: 'createWebhookReceiver',
    throws: 'typed',
    seeds: [
      [
        {
          secrets: 'a',
          namespace: 'n',
          leaseSeconds: 5,
          retentionSeconds: 9999,
          duplicateStatus: 409,
          maxConcurrent: 2,
          storeTimeoutSeconds: 1,
          dedupeBy: { bodyId: '/id' },
          maxBodyBytes: 10,
          maxBufferedBytes: 20,
          inflate: true,
          onOutcome: false,
        },
      ],
      [{ tenant: { $function: { namespace: 'a', secrets: 'b' } }, dedupeBy: 'content', onOutcome: { $function: 1 } }],
      [{ secrets: { $function: 'a' }, transaction: { $function: 1 } }],
    ],
    call: (given: Any) => kind(webhook.createWebhookReceiver(given)),
  },
  {
    name: 'sign',
    throws: 'typed',
    seeds: [['{}', 'd1', 'e', NOW]],
    call: (...args: Any[]) =>
      kind(
        webhook.createWebhookSigner(options).sign({
          body: args[0],
          deliveryId: args[1],
          event: args[2],
          timestamp: Object(args[3]) === args[3] ? undefined : args[3],
        } as Any),
      ),
  },
  {
    name: 'previousSecret',
    throws: 'typed',
    seeds: [['a', 5, 6]],
    call: (...args: Any[]) => kind(webhook.previousSecret(args[0] as Any, args[1] as Any, args[2] as Any)),
  },
  {
    name: 'defineScheme',
    throws: 'typed',
    seeds: [
      [{ name: 'n', headers: { signature: 'x' }, signed: ['body'] }],
      [
        {
          name: 'n',
          headers: { signature: ['x', 'y'], timestamp: 't', deliveryId: 'd', event: 'e' },
          signed: [{ text: 'v0' }, ':', 'timestamp', ':', 'body'],
          required: ['deliveryId'],
          secretForm: 'f',
          dedupeBy: { bodyId: '/id' },
          signature: {
            carriesTimestamp: false,
            carriesMany: false,
            read: { $function: null },
            write: { $function: 'x' },
          },
        },
      ],
    ],
    call: (given: Any) => kind(webhook.defineScheme(given)),
  },
  // With a valid format, so that the other members are checked too.
  {
    name: 'defineScheme with a valid format',
    throws: 'typed',
    seeds: [[{ name: 'n', headers: { signature: 'x' }, signed: [{ text: 'v0' }, ':', 'body'], secretForm: 'f' }]],
    call: (given: Any) => kind(webhook.defineScheme({ signature: schemes.fluxora.signature, ...Object(given) } as Any)),
  },
  ...[schemes.singleSignature, schemes.fieldSignature, schemes.versionedSignature].map(
    (make): Target => ({
      name: make.name,
      throws: 'typed',
      seeds: [
        [{ prefix: 'sha256=', trim: true }, 'a'],
        [{ timestamp: 't', signature: 'v1' }, 't=1, v1=a'],
        [{ version: 'v1' }, 'v1,a v1,b'],
      ],
      // The format that it creates then has to read a header.
      call: (given: Any, header: Any) => {
        const format = make({ encoding: schemes.hex, ...Object(given) } as Any)
        return typeof header === 'string' ? kind(format.read(header)) : 'made'
      },
    }),
  ),
  {
    name: 'memoryDedupeStore',
    throws: 'typed',
    seeds: [[{ maxEntries: 5 }]],
    call: (given: Any) => kind(webhook.memoryDedupeStore(Object(given))),
  },
  {
    name: 'isWebhookError',
    throws: 'never',
    seeds: [[{ code: 'x' }]],
    call: (value: Any) => String(webhook.isWebhookError(value)),
  },
  {
    name: 'json() of a delivery',
    throws: 'typed',
    seeds: [['{"a":1}'], ['']],
    call: (body: Any) => {
      if (typeof body !== 'string' || !(body as string).isWellFormed()) return 'no text'
      const result = webhook.createWebhookVerifier(options).verify({ headers: send('fluxora', { body }), body })
      return result.ok ? kind(result.delivery.json()) : result.code
    },
  },
  {
    name: 'createWebhookRoute',
    throws: 'never',
    seeds: [
      [fluxoraHeaders, '{}', 'POST'],
      [fluxoraHeaders, '{}', 'GET'],
    ],
    call: async (bag: Any, body: Any, method: Any) => {
      let request: Request
      try {
        request = new Request('http://localhost/', { method, headers: bag, body })
      } catch {
        return 'no request'
      }
      const response = await createWebhookRoute({ ...options, onOutcome: false }, () => {})(request)
      const { ok, error } = (await response.json()) as { ok?: boolean; error?: string }
      return `${response.status} ${ok ? 'ok' : known(webhook.WEBHOOK_STATUS, String(error))}`
    },
  },
  {
    name: 'readPayload',
    throws: 'typed',
    seeds: [[{ a: '1' }, ['a', 'b']]],
    call: async (payload: Any, path: Any) => {
      const isPath = Array.isArray(path) && (path as unknown[]).every((part) => typeof part === 'string')
      const validate = () => (isPath ? { issues: [{ message: 'm', path }] } : { value: payload })
      return kind(await readPayload({ json: () => payload }, { '~standard': { version: 1, validate } }))
    },
  },
  {
    name: 'signTestDelivery',
    throws: 'typed',
    seeds: [['topsecret', '{}', NOW]],
    call: (...args: Any[]) =>
      kind(
        signTestDelivery({
          secret: args[0],
          body: args[1],
          timestamp: Object(args[2]) === args[2] ? undefined : args[2],
        } as Any),
      ),
  },
)

const ledgers = [5, 6, 7].map((n) => ({ sequence: n, hash: `h${n}`, parentHash: `h${n - 1}`, closedAt: n }))
const start = reorg.stepReorg(reorg.createReorgState({ finalityDepth: 2, history: 4, recoveryLedgers: 1 }), {
  type: 'ledgers',
  ledgers,
})
const EVENTS: Tree[][] = [
  [[{ type: 'ledgers', ledgers: [{ sequence: 8, hash: 'h8', parentHash: 'h7', closedAt: 8 }], source: 'a' }]],
  [
    [
      { type: 'ledgers', ledgers: [{ sequence: 7, hash: 'x7', parentHash: 'h6' }] },
      { type: 'ledgers', ledgers: [{ sequence: 5, hash: 'x5' }] },
    ],
  ],
  [
    [
      { type: 'finalized', sequence: 6, hash: 'h6' },
      { type: 'ledgers', ledgers: [{ sequence: 9, hash: 'h9' }] },
    ],
  ],
  [
    [
      { type: 'reset', actor: 'operator', reason: 'r' },
      { type: 'replay', actor: 'operator', from: 5, to: 7, reason: 'r' },
    ],
  ],
  [[{ type: 'replay', actor: 'operator', from: 5, to: 7, reason: 'r' }]],
]
/** With heights that may be skipped and times that may go back. */
const sparseStart = reorg.stepReorg(
  reorg.createReorgState({
    finalityDepth: 2,
    history: 4,
    recoveryLedgers: 1,
    heights: 'sparse',
    closeTimes: 'unordered',
  }),
  {
    type: 'ledgers',
    ledgers: [5, 6, 9].map((n, at) => ({ sequence: n, hash: `h${n}`, parentHash: `h${[4, 5, 6][at]}` })),
  },
)
const SPARSE_EVENTS: Tree[][] = [
  [[{ type: 'ledgers', ledgers: [{ sequence: 12, hash: 'h12', parentHash: 'h9', closedAt: 3 }] }]],
  [[{ type: 'ledgers', ledgers: [{ sequence: 12, hash: 'x12', parentHash: 'h6' }] }]],
  [
    [
      { type: 'ledgers', ledgers: [{ sequence: 12, hash: 'x12', parentHash: 'x8' }] },
      { type: 'ledgers', ledgers: [{ sequence: 8, hash: 'x8', parentHash: 'h6' }] },
    ],
  ],
  [
    [
      { type: 'ledgers', ledgers: [{ sequence: 14, hash: 'h14' }] },
      { type: 'ledgers', ledgers: [{ sequence: 12, hash: 'h12', parentHash: 'h9' }] },
    ],
  ],
]

/** Returns the codes of the first events, and checks that each state stays the same when it is written and read again. */
function follow({ state: first }: { readonly state: reorg.ReorgState }, events: Any): string {
  let state = first
  const codes: string[] = []
  for (const event of Array.isArray(events) ? (events as Any[]).slice(0, 8) : [events]) {
    const step = reorg.stepReorg(state, event)
    state = step.state
    codes.push(step.code)
    const written = reorg.serializeReorgState(state)
    if (reorg.serializeReorgState(reorg.parseReorgState(written)) !== written)
      throw new Error('The state changes when it is written and read again.')
  }
  return codes.slice(0, 2).join(' ')
}

const quorum = reorg.stepQuorum(reorg.createQuorum({ sources: ['a', 'b'], required: 2, maxPending: 3 }), {
  type: 'ledgers',
  ledgers,
  source: 'a',
}).state

const reorgTargets: Target[] = [
  { name: 'stepReorg', throws: 'never', seeds: EVENTS, call: (events: Any) => follow(start, events) },
  {
    name: 'stepReorg with skipped heights',
    throws: 'never',
    seeds: SPARSE_EVENTS,
    call: (events: Any) => follow(sparseStart, events),
  },
  {
    name: 'createReorgState',
    throws: 'typed',
    seeds: [
      [{ safetyMargin: 1, finalityDepth: 2, history: 5, gapPolicy: 'need', maxGap: 5 }],
      [{ heights: 'sparse', closeTimes: 'unordered' }],
    ],
    call: (config: Any) => kind(reorg.createReorgState(config)),
  },
  {
    name: 'parseReorgState',
    throws: 'typed',
    seeds: [[reorg.serializeReorgState(start.state)]],
    call: (text: Any) => kind(reorg.parseReorgState(text)),
  },
  {
    name: 'parseReorgState of any JSON',
    throws: 'typed',
    seeds: [[JSON.parse(reorg.serializeReorgState(start.state)) as Tree]],
    call: (tree: Any) => {
      let text: string
      try {
        text = JSON.stringify(tree)
      } catch {
        return 'no JSON'
      }
      const state = reorg.parseReorgState(text)
      return reorg.stepReorg(state, { type: 'ledgers', ledgers: [{ sequence: 8, hash: 'h8', parentHash: 'h7' }] }).code
    },
  },
  {
    name: 'reorgHealth',
    throws: 'typed',
    seeds: [
      [{ now: 5000, stallThresholdMs: 10 }],
      [{ now: '2026-01-01T00:00:00Z' }],
      [{ now: 1_710_000_000 }],
      [{ now: 1_710_000_000_000, lastSyncAt: 1_710_000_000 }],
    ],
    call: (given: Any) => reorg.reorgHealth(start.state, Object(given)).status,
  },
  {
    name: 'assessHealth',
    throws: 'typed',
    seeds: [[{ now: 5000 }]],
    call: (given: Any) => kind(reorg.assessHealth(start.state, Object(given))),
  },
  {
    name: 'assessFreshness',
    throws: 'typed',
    seeds: [[{ enabled: true, lastSyncAt: 5, now: 9, stallThresholdMs: 3 }]],
    call: (given: Any) => reorg.assessFreshness(Object(given)).status,
  },
  {
    name: 'resumeReorg',
    throws: 'typed',
    seeds: [[reorg.reorgCursor(start.state)]],
    call: (cursor: Any) => kind(reorg.resumeReorg(start.state, cursor)),
  },
  { name: 'invertEffects', throws: 'typed', seeds: [], call: () => kind(reorg.invertEffects(start.effects)) },
  {
    name: 'stepQuorum',
    throws: 'never',
    seeds: [
      ...EVENTS.map(([events]) => [(events as Tree[])[0] as Tree]),
      [{ type: 'ledgers', ledgers, source: 'b' }],
      [{ type: 'ledgers', ledgers: [{ sequence: 9, hash: 'h9' }], source: 'a' }],
      [{ type: 'ledgers', ledgers: [1, 2, 3, 4].map((n) => ({ sequence: n, hash: `h${n}` })), source: 'b' }],
    ],
    call: (event: Any) => {
      const { code, status, state, released } = reorg.stepQuorum(quorum, event)
      if (status >= 400 && state !== quorum) throw new Error('A refusal changed the state.')
      return `${code} ${released.length}`
    },
  },
  {
    name: 'createQuorum',
    throws: 'typed',
    seeds: [[{ sources: ['a', 'b'], required: 2, maxPending: 5 }]],
    call: (given: Any) => kind(reorg.createQuorum(Object(given))),
  },
  {
    name: 'isReorgError',
    throws: 'never',
    seeds: [[{ code: 'x' }]],
    call: (value: Any) => String(reorg.isReorgError(value)),
  },
]

export const targets: readonly Target[] = [
  ...decimalTargets,
  ...webhookTargets,
  ...proofTargets,
  ...receiverTargets,
  ...senderTargets,
  ...reorgTargets,
]

/** The code of one of this library's errors; undefined for any other error. */
export function codeOfOwn(error: unknown): string | undefined {
  const own = decimal.isDecimalError(error) || webhook.isWebhookError(error) || reorg.isReorgError(error)
  return own ? (error as { code: string }).code : undefined
}
