// The keys of a receiver: fixed ones, imported once, or those that a function finds for each request.

import { snapshotHeaders } from './headers.ts'
import { all, type MacEngine } from './mac.ts'
import type { Notes } from './outcome.ts'
import type { SecretSource } from './receiver-options.ts'
import type { WebhookScheme } from './scheme.ts'
import { type Key, readSecrets } from './secrets.ts'

/** Keys that are ready for use. */
export interface KeyRing<ImportedKey> {
  readonly keys: readonly Key[]
  readonly imported: readonly ImportedKey[]
}

/** Fixed secrets are read at once, so that bad ones throw when the receiver is made; found ones when they are found. */
export function keyRingOf<ImportedKey>(
  engine: MacEngine<ImportedKey>,
  source: SecretSource | undefined,
  scheme: WebhookScheme,
): (headers: unknown, notes: Notes) => KeyRing<ImportedKey> | undefined | Promise<KeyRing<ImportedKey> | undefined> {
  const importAll = async (keys: readonly Key[]): Promise<KeyRing<ImportedKey>> => ({
    keys,
    imported: await all(keys.map((key) => engine.importKey(key.bytes))),
  })
  if (typeof source !== 'function') {
    const keys = readSecrets('secrets', source, scheme)
    let ring: KeyRing<ImportedKey> | Promise<KeyRing<ImportedKey>> | undefined
    return () => {
      // Not when the receiver is made: some edge runtimes allow no asynchronous work outside a request.
      ring ??= importAll(keys).then((imported) => {
        ring = imported
        return imported
      })
      return ring
    }
  }
  return async (headers, notes) => {
    try {
      return await importAll(readSecrets('secrets', await source(snapshotHeaders(headers)), scheme))
    } catch (error) {
      notes.error = error // nothing found, something malformed, or a look-up that failed: closed in every case
      return undefined
    }
  }
}
