// Keys as an index of PostgreSQL can hold them.

import type { StoredKey } from '../shared/request.ts'

/** An entry of a btree holds some 2,700 bytes, and a character of a key takes up to 4. */
const MAX_INDEXED_LENGTH = 600

/** Replaces keys that are too long by their digests. No key begins with a quotation mark, as those are escaped before. */
export function indexKeys(keys: readonly StoredKey[]): Promise<StoredKey[]> {
  return Promise.all(keys.map(indexKey))
}

async function indexKey(key: StoredKey): Promise<StoredKey> {
  if (key.name.length <= MAX_INDEXED_LENGTH) return key
  return { ...key, name: `"sha256:${await sha256(key.name)}` }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
