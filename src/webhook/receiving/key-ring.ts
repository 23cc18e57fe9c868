// The keys that a delivery is checked with, and the namespace that it is remembered in. They are fixed and imported once, or found for each
// request by a function of the application's.

import { isThenable } from '../../shared/thenable.ts'
import { invalidOption, isWebhookError, WebhookError } from '../../shared/webhook-error.ts'
import { importLater } from '../import-keys.ts'
import { snapshotHeaders } from '../pipeline/headers.ts'
import type { ProofEngine } from '../proof/engine.ts'
import type { FindTenant, SecretSource, Tenant } from '../receiver-options.ts'
import { type Key, readSecrets } from '../secrets.ts'
import type { ReportDetails } from './outcome.ts'
import type { ReceiverSettings } from './settings.ts'
import { withTimeout } from './timeout.ts'

/** Keys that are ready to use. */
export interface KeyRing<ImportedKey> {
  readonly namespace: string
  readonly keys: readonly Key[]
  readonly imported: readonly ImportedKey[]
}

/** The request that keys are needed for. `headers` is any bag that is known to be readable. */
export interface KeyRequest {
  readonly headers: unknown
  readonly method: string | undefined
  readonly url: string | undefined
}

/** Finds the keys for a request. Undefined if there are none; the details then have the error that says why. */
export type FindKeys<ImportedKey> = (
  request: KeyRequest,
  details: ReportDetails,
) => KeyRing<ImportedKey> | undefined | Promise<KeyRing<ImportedKey> | undefined>

/** @throws {WebhookError} `invalid_secret` if fixed secrets cannot be used. Those that a function finds are read later, for each request. */
export function keyRingOf<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  { secrets, tenant }: { readonly secrets?: SecretSource | undefined; readonly tenant?: FindTenant | undefined },
  { checks, namespace, storeTimeoutMs }: Pick<ReceiverSettings, 'checks' | 'namespace' | 'storeTimeoutMs'>,
): FindKeys<ImportedKey> {
  const read = (found: unknown): readonly Key[] => readSecrets('secrets', found, checks.scheme)
  if (tenant) {
    return lookUp(async (request) => {
      const found = readTenant(await answerOf(tenant(tenantRequest(request)), storeTimeoutMs))
      const keys = namingTenant(found.namespace, () => read(found.secrets))
      return importKeys(engine, found.namespace, keys)
    })
  }
  if (typeof secrets === 'function') {
    return lookUp(async () => importKeys(engine, namespace, read(await answerOf(secrets(), storeTimeoutMs))))
  }
  return importedOnce(engine, namespace, read(secrets))
}

async function importKeys<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  namespace: string,
  keys: readonly Key[],
): Promise<KeyRing<ImportedKey>> {
  return { namespace, keys, imported: await importLater(engine, keys) }
}

/** Imports keys for the first request, not before: some edge runtimes allow no asynchronous work outside a request. */
function importedOnce<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  namespace: string,
  keys: readonly Key[],
): FindKeys<ImportedKey> {
  let ring: KeyRing<ImportedKey> | undefined
  let importing: Promise<KeyRing<ImportedKey>> | undefined
  const find = lookUp(async () => {
    importing ??= importKeys(engine, namespace, keys)
    ring = await importing
    return ring
  })
  return (request, details) => ring ?? find(request, details)
}

/** Resolves to no keys if `find` fails in any way: if it finds nothing or something malformed, or never answers. */
function lookUp<ImportedKey>(find: (request: KeyRequest) => Promise<KeyRing<ImportedKey>>): FindKeys<ImportedKey> {
  return async (request, details) => {
    try {
      return await find(request)
    } catch (error) {
      details.error = error
      return undefined
    }
  }
}

function answerOf<T>(answer: T | Promise<T>, timeoutMs: number): T | Promise<T> {
  if (!isThenable(answer)) return answer
  return withTimeout(Promise.resolve(answer), timeoutMs, 'The function that finds the secrets')
}

function tenantRequest({ headers, method, url }: KeyRequest): Parameters<FindTenant>[0] {
  return Object.freeze({ headers: snapshotHeaders(headers), method, url })
}

function readTenant(found: Tenant | null | undefined): Tenant {
  if (found === undefined || found === null) {
    throw new WebhookError('invalid_secret', 'The tenant function found no tenant for this request.', 'tenant')
  }
  const { namespace, secrets } = found
  if (typeof namespace !== 'string' || namespace === '') {
    throw invalidOption('tenant', 'a function that finds { namespace, secrets } with a non-empty namespace')
  }
  if (secrets === undefined && Object.hasOwn(found, 'secret')) {
    throw invalidOption('tenant', 'a function that finds { namespace, secrets }; this one found secret, without its s')
  }
  return { namespace, secrets }
}

/** Says in the error whose secrets cannot be used. */
function namingTenant<T>(namespace: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isWebhookError(error)) throw error
    const message = `The secrets of the tenant ${JSON.stringify(namespace)} cannot be used: ${error.message}`
    throw new WebhookError(error.code, message, error.option)
  }
}
