// The keys that a delivery is judged by, and the namespace that it is remembered under: fixed ones, imported once, or those that a
// look-up finds for each request.

import { isThenable } from '../../shared/thenable.ts'
import { invalidOption, isWebhookError, WebhookError } from '../../shared/webhook-error.ts'
import { snapshotHeaders } from '../pipeline/headers.ts'
import { all, type MacEngine } from '../proof/engine.ts'
import type { FindTenant, FoundSecrets, ReceiverSettings, SecretSource, Tenant } from '../receiver-options.ts'
import { type Key, readSecrets } from '../secrets.ts'
import { inTime } from './in-time.ts'
import type { Notes } from './outcome.ts'

/** Keys that are ready for use. */
export interface KeyRing<ImportedKey> {
  readonly namespace: string
  readonly keys: readonly Key[]
  readonly imported: readonly ImportedKey[]
}

/** The request that keys are looked for. `headers` is any bag, already found to be readable. */
export interface KeyRequest {
  readonly headers: unknown
  readonly method: string | undefined
  readonly url: string | undefined
}

/** Undefined where there are none; why, is in the notes. */
export type FindKeys<ImportedKey> = (
  request: KeyRequest,
  notes: Notes,
) => KeyRing<ImportedKey> | undefined | Promise<KeyRing<ImportedKey> | undefined>

/** Fixed secrets are read at once, so that bad ones throw when the receiver is made; found ones when they are found. */
export function keyRingOf<ImportedKey>(
  engine: MacEngine<ImportedKey>,
  source: { readonly secrets?: SecretSource | undefined; readonly tenant?: FindTenant | undefined },
  settings: Pick<ReceiverSettings, 'checks' | 'namespace' | 'storeTimeoutMs'>,
): FindKeys<ImportedKey> {
  const { checks, namespace, storeTimeoutMs } = settings
  const { secrets, tenant } = source
  const read = (found: unknown): readonly Key[] => readSecrets('secrets', found, checks.scheme)
  const readOf = (found: Tenant): readonly Key[] => namingTenant(found.namespace, () => read(found.secrets))
  const ringOf = async (name: string, keys: readonly Key[]): Promise<KeyRing<ImportedKey>> => ({
    namespace: name,
    keys,
    imported: await all(keys.map((key) => engine.importKey(key.bytes))),
  })
  if (tenant) {
    return lookUp(storeTimeoutMs, async (answered, request) => {
      const found = readTenant(await answered(tenant(tenantRequest(request))))
      return ringOf(found.namespace, readOf(found))
    })
  }
  if (typeof secrets === 'function') {
    return lookUp(storeTimeoutMs, async (answered) => ringOf(namespace, read(await answered(secrets()))))
  }
  const keys = read(secrets)
  let ring: KeyRing<ImportedKey> | Promise<KeyRing<ImportedKey>> | undefined
  return () => {
    // Not when the receiver is made: some edge runtimes allow no asynchronous work outside a request.
    ring ??= ringOf(namespace, keys).then((imported) => {
      ring = imported
      return imported
    })
    return ring
  }
}

/** Says whose secrets they are where they cannot be used. */
function namingTenant<T>(namespace: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isWebhookError(error)) throw error
    throw new WebhookError(error.code, `Of the tenant ${JSON.stringify(namespace)}: ${error.message}`, error.option)
  }
}

type Answered = <T>(answer: T | Promise<T>) => T | Promise<T>

/** Nothing found, something malformed, a look-up that failed or that never answers: closed in every case. */
function lookUp<ImportedKey>(
  timeoutMs: number,
  find: (answered: Answered, request: KeyRequest) => Promise<KeyRing<ImportedKey>>,
): FindKeys<ImportedKey> {
  const answered: Answered = (answer) =>
    isThenable(answer) ? inTime(Promise.resolve(answer), timeoutMs, 'The look-up of the secrets') : answer
  return async (request, notes) => {
    try {
      return await find(answered, request)
    } catch (error) {
      notes.error = error
      return undefined
    }
  }
}

function tenantRequest({ headers, method, url }: KeyRequest): Parameters<FindTenant>[0] {
  return Object.freeze({ headers: snapshotHeaders(headers), method, url })
}

function readTenant(found: unknown): Tenant {
  if (found === undefined || found === null) throw new WebhookError('invalid_secret', 'tenant found nobody.', 'tenant')
  const { namespace, secrets } = found as { namespace?: unknown; secrets?: FoundSecrets }
  if (typeof namespace !== 'string' || namespace === '')
    throw invalidOption('tenant', 'a function that finds a namespace, as a non-empty string, and secrets')
  if (secrets === undefined && Object.hasOwn(found as object, 'secret')) {
    throw invalidOption('tenant', 'a function that finds { namespace, secrets }; this one found secret, without its s,')
  }
  return { namespace, secrets }
}
