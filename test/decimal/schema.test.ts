import { sValidator } from '@hono/standard-validator'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import {
  type AmountFields,
  decimalSchema,
  evmAmount,
  parseAmountFields,
  STELLAR_AMOUNT,
  type StandardSchemaV1,
  type UnitsOf,
} from '../../src/decimal/index.ts'

describe('decimalSchema', () => {
  it('is a Standard Schema', () => {
    const schema = decimalSchema()
    expect(Object.keys(schema)).toStrictEqual(['~standard'])
    expect(schema['~standard']).toMatchObject({ version: 1, vendor: 'fluxora', validate: expect.any(Function) })
  })

  it('gives units, or one issue with the code beside the message, and never a promise', () => {
    const { validate } = decimalSchema(evmAmount(6))['~standard']
    expect(validate('1.5')).toStrictEqual({ value: 1_500_000n })
    expect(validate('1,5')).toStrictEqual({
      issues: [{ code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', at: 1, message: expect.any(String) }],
    })
    for (const value of [undefined, null, 1, {}, Symbol('x'), '', 'x'.repeat(1000)]) {
      expect(validate(value)).toMatchObject({ issues: [{ message: expect.stringMatching(/^Amount /) }] })
    }
  })
})

describe('in Hono, by @hono/standard-validator', () => {
  /** An object of amounts as a Standard Schema: what an application writes around parseAmountFields. */
  const streamSchema: StandardSchemaV1<unknown, { deposit: UnitsOf<7>; rate: UnitsOf<7> }> = {
    '~standard': {
      version: 1,
      vendor: 'example',
      validate(value) {
        const amounts: AmountFields<{ deposit: UnitsOf<7>; rate: UnitsOf<7> }> = parseAmountFields(
          value,
          ['deposit', 'rate'],
          STELLAR_AMOUNT,
        )
        if (amounts.ok) return { value: amounts.units }
        return { issues: amounts.errors.map(({ field, ...issue }) => ({ ...issue, path: [field] })) }
      },
    },
  }
  const app = new Hono()
    .post('/tip', sValidator('json', decimalSchema(STELLAR_AMOUNT)), (context) =>
      context.json({ units: String(context.req.valid('json')) }),
    )
    .post('/streams', sValidator('json', streamSchema), (context) => {
      const { deposit, rate } = context.req.valid('json')
      return context.json({ deposit: String(deposit), rate: String(rate) }, 201)
    })
  const post = (path: string, body: string) =>
    app.request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

  it('turns a decimal string into units', async () => {
    const answer = await post('/tip', '"922337203685.4775807"')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toStrictEqual({ units: '9223372036854775807' })
  })

  it.each([
    ['1.5', 'DECIMAL_INVALID_TYPE'],
    ['null', 'DECIMAL_EMPTY_VALUE'],
    ['"1e3"', 'DECIMAL_INVALID_FORMAT'],
    ['"-1"', 'DECIMAL_OUT_OF_RANGE'],
  ])('answers %s with 400 and %s', async (body, code) => {
    const answer = await post('/tip', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ success: false, error: [{ code }] })
  })

  it('lists every bad field of an object', async () => {
    const good = await post('/streams', '{"deposit":"100","rate":"0.0000116"}')
    expect(good.status).toBe(201)
    expect(await good.json()).toStrictEqual({ deposit: '1000000000', rate: '116' })
    const bad = await post('/streams', '{"deposit":100,"rate":"-1"}')
    expect(bad.status).toBe(400)
    expect(await bad.json()).toMatchObject({
      error: [
        { path: ['deposit'], code: 'DECIMAL_INVALID_TYPE' },
        { path: ['rate'], code: 'DECIMAL_OUT_OF_RANGE' },
      ],
    })
  })
})
