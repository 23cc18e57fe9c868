import { sValidator } from '@hono/standard-validator'
import { Ajv, type AnySchema, type Options } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import {
  type AmountFields,
  type DecimalPolicy,
  decimalPattern,
  decimalSchema,
  definePolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  isDecimalError,
  parseAmountFields,
  parseDecimal,
  STELLAR_AMOUNT,
  type StandardSchemaV1,
  type UnitsOf,
} from '../../src/decimal/index.ts'
import { decimalString, invalidDecimal } from '../../src/testing/index.ts'
import { thrownBy } from './support.ts'

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
      expect(validate(value)).toMatchObject({ issues: [{ message: expect.stringMatching(/^The amount /) }] })
    }
  })
})

describe('the JSON Schema of decimalSchema', () => {
  const inputOf = (policy = FLUXORA_AMOUNT as DecimalPolicy, target = 'draft-2020-12') =>
    decimalSchema(policy)['~standard'].jsonSchema.input({ target })

  it('describes the text, with the bounds in words', () => {
    expect(inputOf(STELLAR_AMOUNT)).toStrictEqual({
      type: 'string',
      pattern: decimalPattern(STELLAR_AMOUNT),
      maxLength: 128,
      description: 'A decimal amount from 0 to 922337203685.4775807, with at most 7 decimal places.',
    })
    expect(inputOf(definePolicy({ scale: 2, min: -150n, max: 100_000n })).description).toBe(
      'A decimal amount from -1.5 to 1000, with at most 2 decimal places.',
    )
  })

  it('is a new object each time, so a generator may change it', () => {
    const schema = decimalSchema()
    const first = schema['~standard'].jsonSchema.input({ target: 'draft-07' })
    delete first.pattern
    expect(schema['~standard'].jsonSchema.input({ target: 'draft-07' })).toHaveProperty('pattern', decimalPattern())
  })

  const ajv = (Validator: new (options: Options) => { validate(schema: AnySchema, data: unknown): unknown }) =>
    new Validator({ strict: true })
  const validators = [
    ['draft-07', ajv(Ajv)],
    ['draft-2019-09', ajv(Ajv2019)],
    ['draft-2020-12', ajv(Ajv2020)],
  ] as const

  it.each(validators)('is a schema of %s for Ajv, which gives the right verdict on any text', (target, validator) => {
    for (const policy of [FLUXORA_AMOUNT, STELLAR_AMOUNT, evmAmount(18), evmAmount(0)]) {
      const schema = inputOf(policy, target)
      const text = fc.oneof(
        decimalString({ policy }),
        invalidDecimal({ policy }).map(({ value }) => value),
      )
      fc.assert(
        fc.property(text, (value) => {
          const result = parseDecimal(value, policy)
          const passes = result.ok || result.reason === 'above_maximum' || result.reason === 'below_minimum'
          expect(validator.validate(schema, value)).toBe(passes)
        }),
        { numRuns: 500 },
      )
    }
  })

  it.each(['draft-2020-12', 'draft-2019-09', 'draft-07', 'draft-06', 'draft-04', 'openapi-3.1', 'openapi-3.0'])(
    'is the same for %s',
    (target) => {
      expect(inputOf(FLUXORA_AMOUNT, target)).toStrictEqual(inputOf())
    },
  )

  it.each(['draft-3', '', 'DRAFT-07', undefined, null, 7])('throws for target %s', (target) => {
    for (const options of [{ target }, undefined, null]) {
      const call = () => decimalSchema()['~standard'].jsonSchema.input(options as { target: string })
      expect(call).toThrow(expect.objectContaining({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'target' }))
    }
  })

  it('cannot describe a bigint, and says so', () => {
    const error = thrownBy(() => decimalSchema()['~standard'].jsonSchema.output({ target: 'draft-2020-12' }))
    expect(isDecimalError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'DECIMAL_INVALID_ARGUMENT', reason: 'output' })
  })

  it('is frozen wherever a change would affect everyone', () => {
    const schema = decimalSchema()
    expect(Object.isFrozen(schema['~standard'].jsonSchema)).toBe(true)
    expect(Object.isFrozen(schema['~standard'])).toBe(true)
  })

  it('guards a Fastify route as it is', async () => {
    const app = fastify()
    const amount = decimalSchema(STELLAR_AMOUNT)['~standard'].jsonSchema.input({ target: 'draft-07' })
    const body = { type: 'object', required: ['amount'], properties: { amount } }
    app.post<{ Body: { amount: string } }>('/tip', { schema: { body } }, ({ body: { amount: text } }) => ({ text }))
    const post = async (payload: object) => (await app.inject({ method: 'POST', url: '/tip', payload })).statusCode
    expect(await post({ amount: '1.5' })).toBe(200)
    for (const bad of ['1,5', '1e3', '', '1.00000001', '1'.repeat(129)]) expect(await post({ amount: bad })).toBe(400)
    await app.close()
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
