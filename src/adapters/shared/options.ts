// The options that adapters have beside those of a receiver.

import { readNumber } from '../../shared/webhook-error.ts'
import { DEFAULT_MAX_BODY_BYTES } from '../../webhook/pipeline/body.ts'
import type { WebhookReceiverOptions } from '../../webhook/receiver-options.ts'
import type { WebhookHandshake } from '../../webhook/schemes/handshakes/handshake.ts'
import type { WebhookExplainer } from './explainer.ts'

/** A receiver's options, a handshake, and a deadline for the body. */
export interface WebhookAdapterOptions extends WebhookReceiverOptions {
  /** How long the whole body may take to arrive, in seconds, from 0.001 to 86,400; 10 by default. */
  readonly bodyTimeoutSeconds?: number | undefined
  /**
   * Answers the sender when it asks whether this is the right endpoint, before its first delivery: `slackHandshake()`, say. None by default.
   * docs/handshakes.md has one for each sender.
   */
  readonly handshake?: WebhookHandshake | undefined
  /**
   * Finds out why deliveries are refused as not genuine, for your log: `explainWith(diagnoseDelivery, { onDiagnosis })`. None by default. The
   * sender never hears of it.
   */
  readonly explain?: WebhookExplainer | undefined
}

/** The options of an adapter whose application decides by the response that it writes. */
export interface HeldAnswerOptions extends WebhookAdapterOptions {
  /**
   * How long to wait for the application's answer after the sender has disconnected, in seconds, from 0.001 to 86,400; 300 by default. After
   * that the claim is released, so allow more time than your slowest handler needs.
   */
  readonly abandonedSeconds?: number | undefined
}

/** How large a body may be, and how long it may take. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly timeoutMs: number
}

/** The names of the options that an adapter reads beside a receiver's. */
export const ADAPTER_OPTIONS: readonly (keyof WebhookAdapterOptions)[] = ['bodyTimeoutSeconds', 'handshake', 'explain']
export const HELD_ANSWER_OPTIONS: readonly (keyof HeldAnswerOptions)[] = [...ADAPTER_OPTIONS, 'abandonedSeconds']

const DAY = 86_400

export function readBodyLimits(options: WebhookAdapterOptions): BodyLimits {
  return {
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    timeoutMs: 1000 * readNumber('bodyTimeoutSeconds', options.bodyTimeoutSeconds, 10, 0.001, DAY),
  }
}

export function readAbandonedMs(options: HeldAnswerOptions): number {
  return 1000 * readNumber('abandonedSeconds', options.abandonedSeconds, 300, 0.001, DAY)
}
