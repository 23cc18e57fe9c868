// Keys as an index of PostgreSQL can hold them.

import { hexDigest } from '../shared/digest.ts'
import type { StoredKey } from '../shared/request.ts'

/** An entry of a btree holds some 2,700 bytes, and a character of a key takes up to 4. */
const MAX_INDEXED_LENGTH = 600

/** Replaces keys that are too long by their digests. No other key begins with a quotation mark, because those have been escaped. */
export function indexKeys(keys: readonly StoredKey[]): Promise<StoredKey[]> {
  return Promise.all(keys.map(indexKey))
}

async function indexKey(key: StoredKey): Promise<StoredKey> {
  if (key.name.length <= MAX_INDEXED_LENGTH) return key
  return { ...key, name: `"sha256:${await hexDigest('SHA-256', key.name)}` }
}
