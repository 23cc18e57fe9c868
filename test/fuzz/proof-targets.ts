// Fuzzes what public keys prove, on both engines: the headers and body of a delivery, the bytes of a signature, and the key. The engines must
// agree, whatever they are given.

import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import * as webhook from '../../src/webhook/index.ts'
import { hex, singleSignature, type WebhookAlgorithm } from '../../src/webhook/schemes/index.ts'
import vectors from '../vectors/public-keys.json' with { type: 'json' }
import type { Target } from './targets.ts'

// Arguments are junk, so no type fits them.
type Any = never

const { body } = vectors

/** What both engines say, to a key and then to a delivery. An error that both throw or reject with is thrown. */
async function judge(scheme: webhook.WebhookScheme, secrets: Any, input: Any): Promise<string> {
  const options = { scheme, secrets }
  const [node, web] = await Promise.all([
    settle(() => webhook.createWebhookVerifier(options).verify(input)),
    settle(() => createAsyncWebhookVerifier(options).verify(input)),
  ])
  if (node.outcome !== web.outcome) throw new Error(`node: ${node.outcome}, WebCrypto: ${web.outcome}`)
  if (node.error !== undefined) throw node.error
  return node.outcome
}

interface Settled {
  readonly outcome: string
  readonly error?: unknown
}

async function settle(call: () => webhook.Verification | Promise<webhook.Verification>): Promise<Settled> {
  try {
    const { code } = await call()
    if (!Object.hasOwn(webhook.WEBHOOK_STATUS, code)) throw new Error(`undocumented code ${code}`)
    return { outcome: code }
  } catch (error) {
    if (webhook.isWebhookError(error)) return { outcome: `throws ${error.code}`, error }
    return { outcome: `throws ${error instanceof Error ? error.message : 'something else'}`, error }
  }
}

export const proofTargets: Target[] = vectors.cases.flatMap(({ algorithm, key, signature }): Target[] => {
  const scheme = webhook.defineScheme({
    name: 'fuzzed',
    headers: { signature: 'x-signature' },
    signed: ['body'],
    signature: singleSignature({ encoding: hex }),
    algorithm: algorithm as WebhookAlgorithm,
  })
  const delivery = { headers: { 'x-signature': signature }, body } as Any
  return [
    {
      name: `delivery proven by ${algorithm}`,
      throws: 'never',
      seeds: [
        [{ 'x-signature': signature }, body],
        [{ $headers: [['x-signature', signature]] }, { $bytes: Buffer.from(body).toString('hex') }],
      ],
      call: (headers: Any, given: Any) => judge(scheme, key as Any, { headers, body: given } as Any),
    },
    {
      name: `signature by ${algorithm}`,
      throws: 'never',
      seeds: [[{ $bytes: signature }]],
      call: async (bytes: Any) => {
        const text = ArrayBuffer.isView(bytes) ? Buffer.from(bytes as Uint8Array).toString('hex') : bytes
        const outcome = await judge(scheme, key as Any, { headers: { 'x-signature': text }, body } as Any)
        if (outcome === 'ok' && String(text) !== signature) throw new Error(`a forgery is taken: ${String(text)}`)
        return outcome
      },
    },
    {
      name: `key for ${algorithm}`,
      throws: 'typed',
      seeds: [
        [key],
        [{ $bytes: Buffer.from(key, 'base64').toString('hex') }],
        [`-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----\n`],
        [[{ secret: key, id: 'k', expiresAt: 1e10 }]],
      ],
      call: (given: Any) => judge(scheme, given, delivery),
    },
  ]
})
