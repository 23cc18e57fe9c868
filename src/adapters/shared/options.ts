// What every adapter's options have in common, read once.

import { readNumber } from '../../shared/webhook-error.ts'
import { DEFAULT_MAX_BODY_BYTES } from '../../webhook/pipeline/body.ts'
import type { WebhookReceiverOptions } from '../../webhook/receiver-options.ts'

/** A receiver's options, and a deadline for the body. */
export interface WebhookAdapterOptions extends WebhookReceiverOptions {
  /** How long a body may take to arrive in full, in seconds; 10 by default. */
  readonly bodyTimeoutSeconds?: number | undefined
}

/** The options of an adapter whose application decides by the answer that it writes. */
export interface HeldAdapterOptions extends WebhookAdapterOptions {
  /**
   * How long the application may go on without a word of an answer once its sender has gone, in seconds; 300 by default. A claim whose
   * application is silent for longer is released, so give it more than the slowest of your handlers takes.
   */
  readonly abandonedSeconds?: number | undefined
}

/** How much of a body is taken, and for how long. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly timeoutMs: number
}

/** The names of what adapters read beside a receiver's options. */
export const ADAPTER_OPTIONS: readonly (keyof WebhookAdapterOptions)[] = ['bodyTimeoutSeconds']
export const HELD_ADAPTER_OPTIONS: readonly (keyof HeldAdapterOptions)[] = ['bodyTimeoutSeconds', 'abandonedSeconds']

const DAY = 86_400

export function readBodyLimits(options: WebhookAdapterOptions): BodyLimits {
  return {
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    timeoutMs: 1000 * readNumber('bodyTimeoutSeconds', options.bodyTimeoutSeconds, 10, 0.001, DAY),
  }
}

export function readAbandonedMs(options: HeldAdapterOptions): number {
  return 1000 * readNumber('abandonedSeconds', options.abandonedSeconds, 300, 0.001, DAY)
}
