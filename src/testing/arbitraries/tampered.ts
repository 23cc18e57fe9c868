// Deliveries with one thing wrong, each labelled with the code that refuses it: what a handler under test must refuse.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import { type Draft, keyOf, type WrittenDelivery, writeDelivery } from '../draft.ts'
import type { SigningKey } from '../signing/key.ts'
import { addressOf, drafts, readable, type SignedDelivery } from './deliveries.ts'
import { type DeliverySettings, readDeliveryConstraints, type SignedDeliveryConstraints } from './delivery-options.ts'
import { TAMPERINGS, type TamperedCode } from './tamperings/by-code.ts'
import { sameBytes, type Tampered } from './tamperings/tampering.ts'

/** A delivery to be refused. Apart from what `tampering` names, it is as its sender made it. */
export interface TamperedDelivery extends SignedDelivery {
  /** The code with which a verifier refuses it. */
  readonly expectedCode: TamperedCode
  /** What was done to it, in a few words for the reader of a counterexample. */
  readonly tampering: string
}

/** Options of `tamperedDelivery`. */
export interface TamperedDeliveryConstraints extends SignedDeliveryConstraints {
  /** Only these codes; by default every code that a sender of the scheme can cause. */
  readonly codes?: readonly TamperedCode[] | undefined
  /**
   * A former secret that the handler under test refuses because it has expired, none by default. If set, some deliveries are signed with
   * it, to be refused with `previous_secret_expired`.
   */
  readonly expiredSecret?: string | undefined
}

/**
 * Generates deliveries with one thing wrong. Every header is visible ASCII, so a delivery arrives over HTTP as it is. A header that was
 * sent twice is joined by `, `, as Node and Fetch join it. Shrinks towards an empty JSON object that was signed with another secret.
 *
 * @param constraints What the handler under test is set up with: see {@link SignedDeliveryConstraints}. `codes`: all by default.
 * `expiredSecret`: none by default.
 * @returns An arbitrary of `{ scheme, secret, now, headers, body, expectedCode, tampering }`, ready for `sendTestDelivery`.
 * @throws {WebhookError} `invalid_option`, `invalid_secret` or `invalid_scheme` for an option that makes no sense, and `invalid_option` if
 * no sender of the scheme can cause any of `codes`.
 *
 * @example
 * ```ts
 * await fc.assert(
 *   fc.asyncProperty(tamperedDelivery({ secret, now: clock.now() }), async (delivery) => {
 *     const response = await sendTestDelivery(app, delivery)
 *     expect(await response.json()).toMatchObject({ error: delivery.expectedCode })
 *   }),
 * )
 * ```
 */
export function tamperedDelivery(constraints: TamperedDeliveryConstraints = {}): fc.Arbitrary<TamperedDelivery> {
  const allSettings = readDeliveryConstraints(constraints)
  const codes = readCodes(constraints.codes)
  const each = allSettings.flatMap((settings) => {
    const expired = readExpiredKey(settings, constraints)
    return codes.flatMap((code) => tamperedWith(code, settings, expired))
  })
  if (each.length === 0)
    throw invalidOption('codes', 'a list with at least one code that a sender of the scheme can cause')
  return fc.oneof({ withCrossShrink: true }, ...each)
}

/** In the order of the table, whatever the order of the option: it decides what a seed generates. */
function readCodes(codes: readonly TamperedCode[] | undefined): TamperedCode[] {
  const all = Object.keys(TAMPERINGS) as TamperedCode[]
  if (codes === undefined) return all
  if (!Array.isArray(codes) || !codes.every((code) => all.includes(code)))
    throw invalidOption('codes', 'a list of codes that a sender can cause')
  return all.filter((code) => codes.includes(code))
}

function readExpiredKey(
  { scheme }: DeliverySettings,
  { secret, expiredSecret }: TamperedDeliveryConstraints,
): SigningKey | undefined {
  if (expiredSecret === undefined) return undefined
  const expired = keyOf(scheme, expiredSecret)
  if (secret !== undefined && sameBytes(expired.bytes, keyOf(scheme, secret).bytes))
    throw invalidOption('expiredSecret', 'a secret other than the current one')
  return expired
}

/** Nothing if no sender of the scheme can cause the code. */
function tamperedWith(
  code: TamperedCode,
  settings: DeliverySettings,
  expired: SigningKey | undefined,
): fc.WeightedArbitrary<TamperedDelivery>[] {
  const { scheme } = settings
  const ways = TAMPERINGS[code]({ ...settings, expired })
  if (ways.length === 0) return []
  const arbitrary = fc
    .tuple(drafts(settings), fc.oneof({ withCrossShrink: true }, ...ways))
    .map(([{ draft, secret, now }, tamper]) => {
      const { tampering, ...changed } = tamper(draft, now)
      const { headers, body } = completed(draft, changed)
      return readable({ scheme, secret, now, headers, body, ...addressOf(draft), expectedCode: code, tampering })
    })
  // A body beyond the limit is slow to create, and one is as good as another.
  return [{ weight: code === 'payload_too_large' ? 2 : 4, arbitrary }]
}

/** With what has not changed. Signing takes milliseconds with a private key, so nothing is signed that is not needed. */
function completed(draft: Draft, { headers, body }: Pick<Tampered, 'headers' | 'body'>): WrittenDelivery {
  if (headers && body) return { headers, body }
  const genuine = writeDelivery(draft)
  return { headers: headers ?? genuine.headers, body: body ?? genuine.body }
}
