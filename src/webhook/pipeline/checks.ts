// What every caller of the pipeline can set, read once.

import { invalidOption, readNumber } from '../../shared/webhook-error.ts'
import { fluxora } from '../schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../schemes/scheme.ts'
import { DEFAULT_MAX_BODY_BYTES } from './body.ts'
import { type HeaderPlan, planHeaders } from './header-fields.ts'
import { readClock, systemClock } from './unix-seconds.ts'

/** The options that every verifier and receiver has. */
export interface CheckOptions {
  /** The sender's scheme, `fluxora` by default. */
  readonly scheme?: WebhookScheme | undefined
  /** How far a timestamp may be from `now`, in seconds, in both directions and inclusive; 300 by default. */
  readonly toleranceSeconds?: number | undefined
  /** The largest body in bytes, inclusive; 262,144 by default, or what the scheme says. */
  readonly maxBodyBytes?: number | undefined
  /** The clock, in Unix seconds; the system's clock by default. */
  readonly now?: (() => number) | undefined
}

/** The same, with defaults filled in. */
export interface Checks {
  readonly scheme: WebhookScheme
  readonly plan: HeaderPlan
  readonly toleranceSeconds: number
  readonly maxBodyBytes: number
  /** The clock, in whole Unix seconds. */
  readonly now: () => number
  /** The Content-Encodings that are accepted; none by default. */
  readonly encodings?: readonly string[]
  /** Values are taken as they are, even if a transport may have joined two headers into one: only in the Fluxora contract. */
  readonly acceptsJoinedHeaders?: boolean
}

export const DEFAULT_TOLERANCE_SECONDS = 300

export function readChecks(options: CheckOptions): Checks {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'an object')
  const { scheme = fluxora, now = systemClock, toleranceSeconds, maxBodyBytes } = options
  if (typeof now !== 'function') throw invalidOption('now', 'a function that returns Unix seconds')
  const { headers, maxBodyBytes: usualMaximum = DEFAULT_MAX_BODY_BYTES } = readScheme(scheme)
  const most = Number.MAX_SAFE_INTEGER
  return {
    scheme,
    plan: planHeaders(headers),
    toleranceSeconds: readNumber('toleranceSeconds', toleranceSeconds, DEFAULT_TOLERANCE_SECONDS, 0, most),
    maxBodyBytes: readNumber('maxBodyBytes', maxBodyBytes, usualMaximum, 0, most),
    now: () => readClock(now()),
  }
}
