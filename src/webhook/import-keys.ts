// Handing keys to an engine. One that no engine can use, such as a point that is not on its curve, is the configuration's fault.

import { WebhookError } from '../shared/webhook-error.ts'
import type { ImmediateProofEngine, ProofEngine } from './proof/engine.ts'
import type { Key } from './secrets.ts'

/** @throws {WebhookError} `invalid_secret` for a key that cannot be used. */
export function importAtOnce<ImportedKey>(
  engine: ImmediateProofEngine<ImportedKey>,
  keys: readonly Key[],
): readonly ImportedKey[] {
  try {
    return keys.map(({ material }) => engine.importKey(material))
  } catch (error) {
    throw unusable(error)
  }
}

/** Rejects with a {@link WebhookError} `invalid_secret` for a key that cannot be used, or an algorithm that the runtime lacks. */
export async function importLater<ImportedKey>(
  engine: ProofEngine<ImportedKey>,
  keys: readonly Key[],
): Promise<readonly ImportedKey[]> {
  try {
    return await Promise.all(keys.map(({ material }) => engine.importKey(material)))
  } catch (error) {
    throw unusable(error)
  }
}

function unusable(cause: unknown): WebhookError {
  const message = 'A key cannot be used: it is damaged, or this runtime does not have its algorithm.'
  return new WebhookError('invalid_secret', message, 'secrets', cause)
}
