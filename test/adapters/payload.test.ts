// Payloads that are validated by a Standard Schema, and typed by their event.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { type EventDelivery, readPayload, type StandardSchema } from '../../src/adapters/fetch.ts'
import {
  createWebhookSigner,
  createWebhookVerifier,
  isWebhookError,
  type VerifiedDelivery,
} from '../../src/webhook/index.ts'

interface Transfer {
  readonly amount: string
}

/** A schema, as a library would make it. */
function schemaOf(issues: readonly object[] | undefined, isAsync = false): StandardSchema<Transfer> {
  const validate = (value: unknown) => {
    const result = issues ? { issues } : { value: { amount: (value as Transfer).amount.trim() } }
    return isAsync ? Promise.resolve(result) : result
  }
  return { '~standard': { version: 1, validate: validate as never } }
}

function deliveryOf(body: string | Uint8Array): VerifiedDelivery {
  const headers = createWebhookSigner({ secrets: 's' }).sign({ body })
  const verdict = createWebhookVerifier({ secrets: 's' }).verify({ headers, body })
  if (!verdict.ok) throw new Error(verdict.code)
  return verdict.delivery
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('readPayload', () => {
  it.each([false, true])('returns what the schema makes of the payload (asynchronous: %s)', async (isAsync) => {
    const payload = await readPayload(deliveryOf('{"amount":" 1.5 "}'), schemaOf(undefined, isAsync))
    expectTypeOf(payload).toEqualTypeOf<Transfer>()
    expect(payload).toEqual({ amount: '1.5' })
  })

  it('names 16 places at most, although a payload may be wrong in thousands', async () => {
    const issues = Array.from({ length: 5000 }, (_, at) => ({ message: 'wrong', path: [at] }))
    const error = (await errorOf(readPayload(deliveryOf('[]'), schemaOf(issues)))) as Error
    expect(error.message.match(/\/\d+/g)).toEqual(Array.from({ length: 16 }, (_, at) => `/${at}`))
  })

  it('says where the payload is wrong, but shows no values', async () => {
    const issues = [
      { message: 'got 4242', path: ['card', { key: 'number' }, 0] },
      { message: 'got 4242', path: ['a/b', '~'] },
      { message: 'got 4242' },
      { message: 'got 4242' },
    ]
    const error = await errorOf(readPayload(deliveryOf('{"card":4242}'), schemaOf(issues)))
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'invalid_body',
      message: 'The body does not match its schema at: /card/number/0, /a~1b/~0, /.',
      cause: issues,
    })
  })

  it('throws the same error if the body is not JSON, or not UTF-8', async () => {
    for (const body of ['', '{', Uint8Array.of(255)]) {
      expect(await errorOf(readPayload(deliveryOf(body), schemaOf(undefined)))).toMatchObject({ code: 'invalid_body' })
    }
  })

  it('accepts a delivery of a known event', () => {
    type Known = EventDelivery<{ 'a.b': { a: 1 }; 'c.d': { c: 1 } }>
    expectTypeOf<Known['event']>().toEqualTypeOf<'a.b' | 'c.d'>()
    expectTypeOf(readPayload<Transfer>)
      .parameter(0)
      .toEqualTypeOf<Pick<VerifiedDelivery, 'json'>>()
    expectTypeOf<EventDelivery<Record<string, unknown>>>().toEqualTypeOf<VerifiedDelivery>()
  })
})
