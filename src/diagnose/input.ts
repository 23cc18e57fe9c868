// What is diagnosed, and with what. Options are read here, before anything is hashed.

import { demandKnownNames, invalidOption, readNumber } from '../shared/webhook-error.ts'
import type { WebhookBody } from '../webhook/pipeline/body.ts'
import { type Checks, readChecks } from '../webhook/pipeline/checks.ts'
import { type HeaderBag, toRereadable } from '../webhook/pipeline/headers.ts'
import { systemClock } from '../webhook/pipeline/unix-seconds.ts'
import { ALL_SCHEMES } from '../webhook/schemes/all-schemes.ts'
import { detectScheme } from '../webhook/schemes/detect.ts'
import { fluxora } from '../webhook/schemes/fluxora.ts'
import { readScheme, type WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { WebhookSecrets } from '../webhook/secrets.ts'

/** A delivery that was refused, and how the endpoint that refused it is set up. */
export interface DiagnoseInput {
  /** The scheme of the endpoint. By default the one of `schemes` that the headers look most like, or else `fluxora`. */
  readonly scheme?: WebhookScheme | undefined
  /** The schemes of other senders that may have made the delivery; by default all of `@fluxora/verify/schemes`. */
  readonly schemes?: readonly WebhookScheme[] | undefined
  /** The secrets of the endpoint, as they are configured. One that cannot be used is a finding, and not an error. */
  readonly secrets: WebhookSecrets
  /** Secrets that this endpoint does not use: another environment's, the command line's. They never make the verdict ok. */
  readonly otherSecrets?: WebhookSecrets
  /** The request's headers, in any form that a host uses. */
  readonly headers: HeaderBag
  /** Exactly the bytes that arrived. */
  readonly body: WebhookBody
  /** The request's method; `POST` by default. */
  readonly method?: string | undefined
  /** The whole URL as the sender knows it, for schemes that sign it. */
  readonly url?: string | undefined
  /** When the delivery arrived, in Unix seconds, or a clock; the system's clock by default. */
  readonly now?: number | (() => number) | undefined
  /** The tolerance of the endpoint in seconds, 300 by default. */
  readonly toleranceSeconds?: number | undefined
  /** How many bytes the search may hash, 67,108,864 by default. Each signature counts for at least 1,024. */
  readonly maxHashedBytes?: number | undefined
}

/** The same, read. */
export interface DiagnoseRequest {
  readonly scheme: WebhookScheme
  readonly otherSchemes: readonly WebhookScheme[]
  readonly checks: Checks
  readonly secrets: unknown
  readonly otherSecrets: unknown
  readonly headers: unknown
  readonly body: unknown
  readonly target: { readonly method: string | undefined; readonly url: string | undefined }
  readonly nowSeconds: number
  readonly maxHashedBytes: number
}

const NAMES: Record<keyof DiagnoseInput, true> = {
  scheme: true,
  schemes: true,
  secrets: true,
  otherSecrets: true,
  headers: true,
  body: true,
  method: true,
  url: true,
  now: true,
  toleranceSeconds: true,
  maxHashedBytes: true,
}

/** @throws {WebhookError} `invalid_option` or `invalid_scheme` for an option that makes no sense. */
export function readInput(input: DiagnoseInput): DiagnoseRequest {
  if (typeof input !== 'object' || input === null) throw invalidOption('input', 'an object')
  demandKnownNames(input, Object.keys(NAMES))
  const { secrets, otherSecrets = [], body, method, url, toleranceSeconds } = input
  const headers = toRereadable(input.headers)
  const schemes = readSchemes(input.schemes)
  const scheme = readScheme(input.scheme ?? mostLike(headers, input.schemes) ?? fluxora)
  // A verifier's limit on bodies protects a server. Here the budget does.
  const maxBodyBytes = Number.MAX_SAFE_INTEGER
  const checks = readChecks({ scheme, now: readNow(input.now), toleranceSeconds, maxBodyBytes })
  const nowSeconds = checks.now()
  return {
    scheme,
    otherSchemes: schemes.filter((each) => each !== scheme && each.name !== scheme.name),
    checks: { ...checks, now: () => nowSeconds },
    secrets,
    otherSecrets,
    headers,
    body,
    target: { method: readText('method', method), url: readText('url', url) },
    nowSeconds,
    maxHashedBytes: readNumber('maxHashedBytes', input.maxHashedBytes, 67_108_864, 1024, Number.MAX_SAFE_INTEGER),
  }
}

function readSchemes(schemes: unknown): readonly WebhookScheme[] {
  if (schemes === undefined) return Object.values(ALL_SCHEMES)
  if (!Array.isArray(schemes)) throw invalidOption('schemes', 'a list of schemes')
  return schemes.map(readScheme)
}

/** Of the schemes that were given, the one that the headers look most like. */
function mostLike(headers: unknown, schemes: readonly WebhookScheme[] | undefined): WebhookScheme | undefined {
  const names = schemes && detectScheme(headers as HeaderBag)
  const found = names?.map((name) => schemes?.find((scheme) => scheme.name === name)).find((scheme) => scheme)
  return found ?? schemes?.[0]
}

function readNow(now: unknown = systemClock): () => number {
  if (typeof now === 'number') return () => now
  if (typeof now === 'function') return () => now()
  throw invalidOption('now', 'Unix seconds, or a function that returns them')
}

function readText(option: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw invalidOption(option, 'a string')
}
