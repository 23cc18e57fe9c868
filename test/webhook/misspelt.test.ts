// Names that are nearly right and would do silent harm, values that are not what they seem, and the messages about them.

import { describe, expect, it } from 'vitest'
import {
  createWebhookReceiver,
  createWebhookSigner,
  createWebhookVerifier,
  type DedupeStore,
  memoryDedupeStore,
  type OutcomeReport,
  type ReceiveCall,
  type SignInput,
  type WebhookScheme,
} from '../../src/webhook/index.ts'

const signer = createWebhookSigner({ secrets: 'topsecret' })

describe('the input of sign', () => {
  it.each(['deliveryID', 'deliveryid', 'delivery_id', 'delivery-id', 'timeStamp', 'Event', 'BODY'])(
    'may not be called %s, or each attempt would get a new id, say',
    (name) => {
      const input = { body: '{}', [name]: name === 'timeStamp' ? 1 : 'evt_1' } as SignInput
      expect(() => signer.sign(input)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
      expect(() => signer.sign(input)).toThrow(`${name} must be spelt `)
    },
  )

  it('may be an event, whose other members are ignored', () => {
    const event = { id: 'evt_1', type: 'paid', body: '{}', deliveryId: 'evt_1' }
    expect(signer.sign(event)['x-fluxora-delivery-id']).toBe('evt_1')
  })
})

describe('the call options of receive', () => {
  it('must have known names', async () => {
    const receiver = createWebhookReceiver({ secrets: 'topsecret' })
    const input = { headers: signer.sign({ body: '{}' }), body: '{}' }
    const call = { dedup: {} } as ReceiveCall
    await expect(receiver.receive(input, () => {}, call)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('dedup is not an option here. The options are dedupe'),
    })
  })
})

describe('values that are not what they seem', () => {
  const receive = async (handle: () => unknown, dedupe?: object) => {
    const reports: OutcomeReport[] = []
    const onOutcome = (report: OutcomeReport): void => void reports.push(report)
    const receiver = createWebhookReceiver({ secrets: 'topsecret', onOutcome, dedupe: dedupe as DedupeStore })
    const outcome = await receiver.receive({ headers: signer.sign({ body: '{}' }), body: '{}' }, handle)
    return { outcome, reports }
  }

  it('a function with a then is awaited', async () => {
    const later = Object.assign(() => {}, {
      // biome-ignore lint/suspicious/noThenProperty: what some libraries call a promise
      then: (_: unknown, reject: (error: Error) => void) => setTimeout(reject, 5, new Error('db down')),
    })
    const { outcome, reports } = await receive(() => later)
    expect(outcome).toMatchObject({ code: 'handler_failed', status: 500 })
    expect(reports).toMatchObject([{ error: { message: 'db down' } }])
  })

  it.each([undefined, null, true, 'token'])('%j from a store is not a claim', async (claim) => {
    const store = { ...memoryDedupeStore(), claim: async () => ({ status: 'claimed', claim }) }
    let ran = 0
    const { outcome } = await receive(() => ran++, store)
    expect([outcome.code, ran]).toEqual(['store_unavailable', 0])
  })
})

describe('messages', () => {
  it('about a body under another name', () => {
    const input = { headers: signer.sign({ body: '{}' }), rawBody: '{}' } as unknown as {
      headers: object
      body: string
    }
    const verdict = createWebhookVerifier({ secrets: 'topsecret' }).verify(input as never)
    expect(verdict).toMatchObject({ code: 'body_already_parsed', status: 500 })
    expect(verdict.message).toBe('No body was given. Pass the raw bytes of the request as `body`.')
  })

  it('about the name of a scheme in place of the scheme', () => {
    const make = () => createWebhookVerifier({ secrets: 'topsecret', scheme: 'stripe' as unknown as WebhookScheme })
    expect(make).toThrow('import it from @fluxora/verify/schemes')
  })
})
