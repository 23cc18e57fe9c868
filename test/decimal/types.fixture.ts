/** Compiled, never run, by types.test.ts: each @ts-expect-error must be an error, and everything else must not. */
import type { StandardJSONSchemaV1 as JsonSpec, StandardSchemaV1 as Spec } from '@standard-schema/spec'
import {
  type AmountFieldPolicies,
  accruedUnits,
  bigintReplacer,
  compareDecimals,
  covers,
  type DecimalErrorCode,
  type DecimalPolicy,
  type DecimalResult,
  type DecimalString,
  decimalPattern,
  decimalSchema,
  definePolicy,
  evmAmount,
  FLUXORA_AMOUNT,
  findUnsafeAmounts,
  formatUnits,
  isDecimalError,
  normalizeDecimal,
  parseAmountFields,
  parseDecimal,
  type Rate,
  rateOver,
  ratePerSecond,
  refundableUnits,
  rescaleUnits,
  STELLAR_AMOUNT,
  type StandardJSONSchemaV1,
  type StandardSchemaV1,
  toUnits,
  type Units,
} from '../../src/decimal/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['the types differ']): void {}

const ETHER = evmAmount(18)
const USDC = evmAmount(6)
const CENTS = definePolicy({ scale: 2, min: 0n, max: 100n })
same<typeof ETHER, DecimalPolicy<18>>()
same<typeof CENTS, DecimalPolicy<2>>()

// The contract of design.md, written with its plain types.
const parse: (value: unknown, policy?: DecimalPolicy) => DecimalResult = parseDecimal
const units: (value: unknown, policy?: DecimalPolicy, field?: string) => bigint = toUnits
const format: (units: bigint, policy?: DecimalPolicy | number) => DecimalString = formatUnits
const compare: (a: DecimalString, b: DecimalString) => -1 | 0 | 1 = compareDecimals
void [parse, units, format, compare]
same<DecimalResult, DecimalResult<number>>()

const result = parseDecimal('1')
if (result.ok) {
  same<typeof result.units, Units<7>>()
  const plain: bigint = result.units
  void plain
} else {
  same<typeof result.code, DecimalErrorCode>()
  same<typeof result.at, number | undefined>()
}
// @ts-expect-error units are there only once ok has been looked at
void parseDecimal('1').units

const stellar = toUnits('1', STELLAR_AMOUNT)
const ether = toUnits('1', ETHER)
same<typeof stellar, Units<7>>()
same<typeof ether, Units<18>>()

// A policy of unknown scale gives a plain bigint, and a plain bigint goes anywhere.
const unknownScale: DecimalPolicy = { scale: 7, min: 0n, max: 1n }
same<ReturnType<typeof toUnits<number>>, bigint>()
formatUnits(toUnits('1', unknownScale), ETHER)
formatUnits(5n)
formatUnits(5n, 6)
formatUnits(5n, ETHER, 'fixed')
formatUnits(5n as bigint, unknownScale)
formatUnits(stellar)
formatUnits(stellar, 7)
formatUnits(ether, ETHER)
formatUnits(stellar + 1n, ETHER) // arithmetic gives plain bigints: the language allows nothing else

// Scales do not mix by accident.
// @ts-expect-error 18 decimals where the default has 7
formatUnits(ether)
// @ts-expect-error 7 decimals where there are 18
formatUnits(stellar, ETHER)
// @ts-expect-error 18 decimals where there are 6
formatUnits(ether, USDC)
// @ts-expect-error 7 decimals for a bare scale of 18
formatUnits(stellar, 18)
// @ts-expect-error one scale is not the other
const wrong: Units<18> = stellar
void wrong
// @ts-expect-error numbers are no units
formatUnits(1)
// @ts-expect-error text is no units
formatUnits('1')
// @ts-expect-error there are two styles
formatUnits(1n, 7, 'padded')

// A decimal string is made, not declared.
const text: DecimalString = normalizeDecimal('1.50')
const asString: string = text
void asString
// @ts-expect-error a plain string may be anything
const unchecked: DecimalString = '1.5'
void unchecked
same<ReturnType<typeof compareDecimals>, -1 | 0 | 1>()

// Rates and deposits of one scale.
const rate = rateOver(stellar, 60)
same<typeof rate, Rate<7>>()
const terms = { rate, startTime: 0, now: 5n, deposit: stellar }
same<ReturnType<typeof accruedUnits<7>>, Units<7>>()
formatUnits(accruedUnits(terms))
formatUnits(refundableUnits({ ...terms, endTime: undefined, cliff: null, pause: { since: null } }))
accruedUnits({ ...terms, deposit: 10n })
accruedUnits({ ...terms, rate: { units: 1n, seconds: 60n } })
covers(stellar, rate, 5)
// @ts-expect-error a deposit of 18 decimals at a rate of 7
accruedUnits({ ...terms, deposit: ether })
// @ts-expect-error a deposit of 18 decimals at a rate of 7
covers(ether, rate, 5)
// @ts-expect-error accrued in 7 decimals, written with 18
formatUnits(accruedUnits(terms), ETHER)
// @ts-expect-error now is needed
accruedUnits({ rate, startTime: 0, deposit: stellar })
// @ts-expect-error a Date is no Unix second
accruedUnits({ ...terms, now: new Date() })
// @ts-expect-error a rate is of units
ratePerSecond(0.5)

// Fields keep their names and their scales.
const body: unknown = {}
const amounts = parseAmountFields(body, ['depositAmount', 'ratePerSecond'])
if (amounts.ok) {
  same<typeof amounts.units.depositAmount, Units<7>>()
  // @ts-expect-error that was not asked for
  void amounts.units.other
} else {
  same<(typeof amounts.errors)[number]['code'], DecimalErrorCode>()
  same<(typeof amounts.errors)[number]['field'], string>()
}
const mixed = parseAmountFields(body, { wei: ETHER, stroops: STELLAR_AMOUNT })
if (mixed.ok) {
  same<typeof mixed.units.wei, Units<18>>()
  same<typeof mixed.units.stroops, Units<7>>()
}
findUnsafeAmounts(body, new Set(['a'])).map(({ pointer, found }) => `${pointer} ${found}`)

// A field that may be missing has units that may be missing.
const tipped = parseAmountFields(body, {
  amount: STELLAR_AMOUNT,
  tip: { optional: ETHER },
  note: { optional: unknownScale },
})
if (tipped.ok) {
  same<typeof tipped.units.amount, Units<7>>()
  same<typeof tipped.units.tip, Units<18> | undefined>()
  same<typeof tipped.units.note, bigint | undefined>()
  const { amount, tip = 0n } = tipped.units
  const total: bigint = amount + tip
  void total
  // @ts-expect-error it may be missing
  formatUnits(tipped.units.tip, ETHER)
  // @ts-expect-error that was not asked for
  void tipped.units.other
}
const either: AmountFieldPolicies = { a: STELLAR_AMOUNT, b: { optional: STELLAR_AMOUNT } }
const some = parseAmountFields(body, either)
if (some.ok) same<(typeof some.units)[string], bigint | undefined>()
// @ts-expect-error a policy does not say that it is optional; it is given as { optional: policy }
parseAmountFields(body, { tip: { ...STELLAR_AMOUNT, optional: true } })
// @ts-expect-error one name is not a list of names
parseAmountFields(body, 'amount')
// @ts-expect-error one name is not a list of names
findUnsafeAmounts(body, 'amount')

// From scale to scale, never by accident.
const seven = rescaleUnits(toUnits('1', USDC), 6, 7)
same<typeof seven, Units<7>>()
const plain: (units: bigint, from: number, to: number) => bigint = rescaleUnits
void plain
same<ReturnType<typeof rescaleUnits<number, number>>, bigint>()
rescaleUnits(5n, USDC.scale, STELLAR_AMOUNT.scale)
// @ts-expect-error the units have 18 decimals, not 6
rescaleUnits(ether, 6, 7)
// @ts-expect-error 7 decimals where there are 18
formatUnits(seven, ETHER)
// @ts-expect-error a scale is a number
rescaleUnits(5n, USDC, STELLAR_AMOUNT)

same<ReturnType<typeof decimalPattern>, string>()
const pattern: (policy?: DecimalPolicy) => string = decimalPattern
void pattern

// The copied interfaces are the specification's: each can be used as the other.
const schema = decimalSchema(ETHER)
const asSpec: Spec<string, Units<18>> = schema
same<Spec.InferInput<typeof asSpec>, string>()
same<Spec.InferOutput<typeof schema>, Units<18>>()
const plainSchema: Spec<string, bigint> = decimalSchema()
const asJsonSpec: JsonSpec<string, Units<18>> = schema
void [plainSchema, asJsonSpec]
const copied: StandardSchemaV1<string, Units<18>> = asSpec
const copiedJson: StandardJSONSchemaV1<string, Units<18>> = asJsonSpec
const backToSpec: Spec<string, Units<18>> = copied
const backToJsonSpec: JsonSpec<string, Units<18>> = copiedJson
void [backToSpec, backToJsonSpec]

// What decimalSchema gives is more exact: never a promise, and the code of the refusal in each issue.
const validated = schema['~standard'].validate('1')
if (validated.issues) {
  same<(typeof validated.issues)[0]['code'], DecimalErrorCode>()
  same<(typeof validated.issues)[0]['at'], number | undefined>()
} else same<typeof validated.value, Units<18>>()
same<ReturnType<(typeof schema)['~standard']['jsonSchema']['input']>, Record<string, unknown>>()

// Results are readonly, and nothing is any.
// @ts-expect-error readonly
FLUXORA_AMOUNT.scale = 7
const caught: unknown = new Error()
if (isDecimalError(caught)) {
  const code: 'DECIMAL_INVALID_POLICY' | 'DECIMAL_INVALID_ARGUMENT' | DecimalErrorCode = caught.code
  void code
}
JSON.stringify({}, bigintReplacer({ a: ETHER }))
JSON.stringify({}, bigintReplacer(STELLAR_AMOUNT))
// @ts-expect-error a policy has bounds
definePolicy({ scale: 7 })
// @ts-expect-error and nothing else
definePolicy({ scale: 7, min: 0n, max: 1n, maxx: 2n })
// @ts-expect-error it is endTime
accruedUnits({ ...terms, endtime: 5 })
