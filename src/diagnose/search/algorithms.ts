// Other algorithms than the scheme's, with the same secret and content.

import type { SignedContent } from '../../webhook/proof/engine.ts'
import type { KeyMaterial, MacHash } from '../../webhook/proof/key-material.ts'
import { type Change, change, type Received } from '../change.ts'
import type { Match, Prover } from './prover.ts'

/** Another way to make a signature. */
export interface Algorithm extends Change {
  find(
    prover: Prover,
    material: KeyMaterial,
    content: SignedContent,
    received: readonly Received[],
  ): Promise<Match | undefined>
}

const HASHES: readonly MacHash[] = ['sha256', 'sha1', 'sha512', 'sha384']

/** All but the scheme's own. */
export function otherAlgorithms(own: string): Algorithm[] {
  return [...HASHES.filter((hash) => `hmac-${hash}` !== own).map(byHash), ...PLAIN, byMd5]
}

function byHash(hash: MacHash): Algorithm {
  // Keys are imported once for each material, and the hash is part of that: so one is made for each key, and kept.
  const materials = new Map<KeyMaterial, KeyMaterial>()
  const withHash = (material: KeyMaterial): KeyMaterial => {
    const made = materials.get(material) ?? { kind: 'hmac', hash, bytes: material.bytes }
    materials.set(material, made)
    return made
  }
  return {
    ...change('algorithm_other', `algorithm: HMAC-${hash.toUpperCase()}`),
    find: (prover, material, content, received) => prover.find(withHash(material), content, received),
  }
}

const PLAIN: readonly Algorithm[] = (['secret first', 'secret last'] as const).map((order) => ({
  ...change('algorithm_other', `algorithm: plain SHA-256, ${order}`),
  find: (prover, { bytes }, content, received) => prover.findPlainHash(bytes, content, received, order),
}))

const byMd5: Algorithm = {
  ...change('algorithm_other', 'algorithm: HMAC-MD5'),
  find: (prover, { bytes }, content, received) => prover.findMd5(bytes, content, received),
}
