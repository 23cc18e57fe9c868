// What a tampering is, and what it may need to know.

import type { Draft } from '../../draft.ts'
import type { SigningKey } from '../../signing/key.ts'
import type { DeliverySettings } from '../delivery-options.ts'

/** What is done to a delivery that is otherwise good. */
export type Tamper = (draft: Draft, now: number) => Tampered

/** What was done, in a few words, and the parts that have changed. What is left out is as it is written for the untouched draft. */
export interface Tampered {
  readonly tampering: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
}

/** The receiver that is to refuse the delivery. */
export interface Scope extends DeliverySettings {
  /** The key of `expiredSecret`. */
  readonly expired: SigningKey | undefined
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

/** When a draft was signed, in Unix seconds. */
export function secondsOf({ scheme, timestamp }: Draft): number {
  return scheme.timestamp.read(timestamp) ?? 0
}
