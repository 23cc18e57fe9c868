// Fuzzes a receiver with more than headers and body: what its tenant, body reader, transaction and store return, compressed bodies, and
// dedupeBy.

import { gzipSync } from 'node:zlib'
import * as webhook from '../../src/webhook/index.ts'
import { NOW, schemeOf, send } from '../webhook/support.ts'
import type { Target } from './targets.ts'
import type { Tree } from './values.ts'

// Arguments are junk, so no type fits them.
type Any = never

const settings = { secrets: 'topsecret', now: () => NOW, maxBodyBytes: 1000, onOutcome: false } as const

function describeOutcome({ ok, code, status }: webhook.Outcome): string {
  if (!Object.hasOwn(webhook.WEBHOOK_STATUS, code)) throw new Error(`undocumented code ${code}`)
  return ok ? `ok ${code}` : `${status} ${code}`
}

const headers = (body: string): Record<string, string> => send('fluxora', { body })
const input = { headers: headers('{}'), body: '{}' }
const compressed = (encoding: string, body: Buffer): Tree[] => [
  { ...headers('{"a":1}'), 'content-encoding': encoding },
  { $bytes: body.toString('hex') },
]

export const receiverTargets: Target[] = [
  {
    name: 'receive with a tenant',
    throws: 'never',
    seeds: [
      [input.headers, { namespace: 'a', secrets: 'topsecret' }],
      [input.headers, { namespace: 'a', secrets: [{ secret: 'topsecret', id: 'k', expiresAt: NOW + 5 }] }],
      [{ $headers: Object.entries(input.headers) }, null],
    ],
    call: async (bag: Any, found: Any) => {
      const receiver = webhook.createWebhookReceiver({ ...settings, secrets: undefined, tenant: () => found })
      return describeOutcome(await receiver.receive({ headers: bag, body: '{}' }, () => {}))
    },
  },
  {
    name: 'receive with fetched secrets',
    throws: 'never',
    seeds: [['topsecret'], [['former', 'topsecret']]],
    call: async (found: Any) => {
      const receiver = webhook.createWebhookReceiver({ ...settings, secrets: async () => found })
      return describeOutcome(await receiver.receive(input, () => {}))
    },
  },
  {
    name: 'receive and inflate',
    throws: 'never',
    seeds: [compressed('gzip', gzipSync('{"a":1}')), compressed('deflate', gzipSync('{"a":1}')), [input.headers, '{}']],
    call: async (bag: Any, body: Any) => {
      const receiver = webhook.createWebhookReceiver({ ...settings, inflate: true })
      return describeOutcome(
        await receiver.receive({ headers: bag, body: typeof body === 'function' ? '' : body }, () => {}),
      )
    },
  },
  {
    name: 'receive from a body reader',
    throws: 'never',
    seeds: [
      ['{}', 2],
      [{ ok: false, status: 408, code: 'body_timeout', message: 'm' }, 1001],
    ],
    call: async (given: Any, bytes: Any) => {
      const receiver = webhook.createWebhookReceiver({ ...settings, maxBufferedBytes: 1000 })
      let hasRoom: boolean | undefined
      const body = async (_limit: number, budget: webhook.BodyBudget) => {
        hasRoom = budget.reserve(bytes)
        return given
      }
      const outcome = await receiver.receive({ ...input, body }, () => {})
      // A reader's own refusal is passed on unchanged.
      const { code, status, ok } = outcome as { code: unknown; status: unknown; ok: unknown }
      const isOwn =
        typeof code !== 'string' || typeof status !== 'number' || !Object.hasOwn(webhook.WEBHOOK_STATUS, code)
      return `${isOwn && ok === false ? "its reader's own" : describeOutcome(outcome)}, ${hasRoom}`
    },
  },
  {
    name: 'receive with dedupeBy',
    throws: 'typed',
    seeds: [
      ['{"id":"a"}', '{"id":"a","n":1}', { bodyId: '/id' }],
      ['{"list":[{"id":1}]}', '{"list":[{"id":1.0}]}', { bodyId: '/list/0/id' }],
      ['{}', '{}', 'content'],
      ['{}', '{ }', 'deliveryId'],
      ['{}', '{ }', 'deliveryIdAndContent'],
    ],
    call: async (one: Any, other: Any, dedupeBy: Any) => {
      const receiver = webhook.createWebhookReceiver({ ...settings, scheme: schemeOf('fluxdrop'), dedupeBy })
      const outcomes: string[] = []
      for (const body of [one, other] as unknown[]) {
        if (typeof body !== 'string' || !body.isWellFormed()) return 'no text'
        outcomes.push(describeOutcome(await receiver.receive({ headers: send('fluxdrop', { body }), body }, () => {})))
      }
      return outcomes.join(', ')
    },
  },
  {
    name: 'receive with a store',
    throws: 'never',
    seeds: [
      [{ status: 'claimed', claim: { token: 't', keys: [] } }, true],
      [{ status: 'in_progress', retryAfterMs: 5 }, false],
      [{ status: 'duplicate' }, null],
    ],
    call: async (answer: Any, settled: Any) => {
      const dedupe = { claim: async () => answer, commit: async () => settled, release: async () => settled }
      const receiver = webhook.createWebhookReceiver({ ...settings, dedupe })
      const failing = () => {
        throw new Error('x')
      }
      return `${describeOutcome(await receiver.receive(input, () => {}))}, ${describeOutcome(await receiver.receive(input, failing))}`
    },
  },
  {
    name: 'receive in a transaction',
    throws: 'never',
    seeds: [
      ['runs', null],
      ['runs twice', { a: 1 }],
      ['throws', 'client'],
      ['nothing', null],
    ],
    call: async (what: Any, given: Any) => {
      const transaction = async (run: webhook.RunInTransaction): Promise<unknown> => {
        if (what === 'throws') throw given
        if (what === 'nothing') return given
        await run(typeof what === 'string' ? webhook.memoryDedupeStore() : what, given)
        return what === 'runs twice' ? run(webhook.memoryDedupeStore()) : given
      }
      const receiver = webhook.createWebhookReceiver({ ...settings, transaction })
      return describeOutcome(await receiver.receive(input, () => {}))
    },
  },
]
