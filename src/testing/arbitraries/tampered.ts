// Deliveries with one thing wrong, each labelled with the code that answers it: what a handler under test must refuse.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import { keyOf, writeHeaders } from '../draft.ts'
import {
  drafts,
  readable,
  readDeliveryConstraints,
  type SignedDelivery,
  type SignedDeliveryConstraints,
} from './deliveries.ts'
import { TAMPERINGS, type TamperedCode } from './tamperings/by-code.ts'
import { sameBytes } from './tamperings/forgeries.ts'

/** A delivery to be refused. Everything that is not named by `tampering` is as its sender made it. */
export interface TamperedDelivery extends SignedDelivery {
  /** The code that the verifier answers. */
  readonly expectedCode: TamperedCode
  /** What was done to it, for whoever reads the counterexample. */
  readonly tampering: string
}

/** Options of `tamperedDelivery`. */
export interface TamperedDeliveryConstraints extends SignedDeliveryConstraints {
  /**
   * Only these codes.
   *
   * @defaultValue every code that a sender of the scheme can cause
   */
  readonly codes?: readonly TamperedCode[] | undefined
  /**
   * A former secret that the handler under test knows and refuses because it has expired. With it there are deliveries that it signed,
   * to be answered `previous_secret_expired`.
   *
   * @defaultValue none
   */
  readonly expiredSecret?: string | undefined
}

/**
 * Deliveries with one thing wrong. Every header is visible ASCII, so that a delivery arrives over HTTP as it is; a header that was sent
 * twice stands joined by `, `, as Node and Fetch hand it over. Shrinks towards an empty JSON object whose signature is of another secret.
 *
 * @throws {WebhookError} `invalid_option`, `invalid_secret` or `invalid_scheme`; also where no delivery of the scheme causes one of `codes`
 * @example
 * fc.asyncProperty(tamperedDelivery({ secret, now: clock.now() }), async (delivery) => {
 *   expect((await sendTestDelivery(app, delivery)).ok).toBe(false)
 * })
 */
export function tamperedDelivery(constraints: TamperedDeliveryConstraints = {}): fc.Arbitrary<TamperedDelivery> {
  const { codes, expiredSecret } = constraints
  if (codes !== undefined && (!Array.isArray(codes) || !codes.every((code) => Object.hasOwn(TAMPERINGS, code))))
    throw invalidOption('codes', 'a list of codes that a sender can cause')
  const each = readDeliveryConstraints(constraints).flatMap((settings) => {
    const { secret } = constraints
    const expired = expiredSecret === undefined ? undefined : keyOf(settings.scheme, expiredSecret)
    if (expired && secret !== undefined && sameBytes(expired, keyOf(settings.scheme, secret)))
      throw invalidOption('expiredSecret', 'another than the secret')
    const scope = { ...settings, expired }
    const wanted = (Object.keys(TAMPERINGS) as TamperedCode[]).filter((code) => codes?.includes(code) ?? true)
    return wanted.flatMap((code) => {
      const ways = TAMPERINGS[code](scope)
      if (ways.length === 0) return []
      return {
        // A body beyond the limit is costly, and one is as good as another.
        weight: code === 'payload_too_large' ? 2 : 4,
        arbitrary: fc
          .tuple(drafts(settings), fc.oneof({ withCrossShrink: true }, ...ways))
          .map(([{ draft, secret, now }, tamper]): TamperedDelivery => {
            const { tampering, headers = writeHeaders(draft), body = draft.body } = tamper(draft, now)
            return readable({ scheme: settings.scheme, secret, now, headers, body, expectedCode: code, tampering })
          }),
      }
    })
  })
  if (each.length === 0) throw invalidOption('codes', 'a list of codes that a sender of the scheme can cause')
  return fc.oneof({ withCrossShrink: true }, ...each)
}
