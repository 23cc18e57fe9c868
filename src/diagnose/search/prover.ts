// Computes signatures again and compares them with those received. Everything that is hashed counts against the budget.

import { concatBytes, isSameBytes } from '../../shared/bytes.ts'
import { decodeHex } from '../../shared/encoding.ts'
import type { ProofEngine, SignedContent } from '../../webhook/proof/engine.ts'
import type { KeyMaterial } from '../../webhook/proof/key-material.ts'
import { type WebKey, webEngine, webSign } from '../../webhook/proof/web.ts'
import type { Received } from '../change.ts'
import { encodeText } from '../received-body.ts'
import type { Budget } from './budget.ts'
import { hmacMd5 } from './md5.ts'

/** A signature that was received, and that could be computed again. */
export interface Match {
  readonly received: Received
  /** Only its first bytes are there. */
  readonly isCut: boolean
}

export class Prover {
  readonly #budget: Budget
  readonly #imported = new Map<KeyMaterial, Promise<WebKey | undefined>>()
  /** The MACs of the pipeline's verdict, which the search compares with more candidates. */
  readonly #known = new Map<KeyMaterial, { readonly content: SignedContent; readonly mac: Uint8Array }>()

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** The engine for the pipeline's verdict. What there is no budget for does not match. */
  readonly engine: ProofEngine<KeyMaterial> = {
    importKey: (material) => material,
    matches: async (material, content, candidates) => {
      const received = candidates.map((bytes) => ({ bytes, change: undefined }))
      const match = await this.find(material, content, received)
      return match !== undefined && !match.isCut
    },
    digest: (data) => webEngine.digest(data),
  }

  /** The first received signature that this key makes over this content. */
  async find(material: KeyMaterial, content: SignedContent, received: readonly Received[]): Promise<Match | undefined> {
    const key = await this.#import(material)
    if (key?.kind === 'hmac') {
      const mac = await this.#macOf(material, key, content)
      return mac && matchOf(mac, received)
    }
    for (const each of key ? received : []) {
      if (!this.#budget.take(sizeOf(content))) return undefined
      if (key && (await isMadeBy(key, content, each.bytes))) return { received: each, isCut: false }
    }
    return undefined
  }

  /** Undefined if there is no budget for it. */
  async #macOf(material: KeyMaterial, key: WebKey, content: SignedContent): Promise<Uint8Array | undefined> {
    const known = this.#known.get(material)
    if (known && isSameContent(known.content, content)) return known.mac
    if (!this.#budget.take(material.bytes.length + sizeOf(content))) return undefined // long keys are hashed too
    const mac = await webSign(key, content)
    if (!known) this.#known.set(material, { content, mac })
    return mac
  }

  /** The same for an HMAC by MD5, which is only there on Node. */
  async findMd5(key: Uint8Array, content: SignedContent, received: readonly Received[]): Promise<Match | undefined> {
    if (!this.#budget.take(key.length + sizeOf(content))) return undefined
    const mac = hmacMd5(key, join(content))
    return mac && matchOf(mac, received)
  }

  /** The same for a plain SHA-256 over the secret and the content, in the one order or the other. */
  async findPlainHash(
    key: Uint8Array,
    content: SignedContent,
    received: readonly Received[],
    order: 'secret first' | 'secret last',
  ): Promise<Match | undefined> {
    if (!this.#budget.take(key.length + sizeOf(content))) return undefined
    const message = join(content)
    const whole = concatBytes(order === 'secret first' ? [key, message] : [message, key])
    const digest = decodeHex(await webEngine.digest(whole))
    return digest && matchOf(digest, received)
  }

  /** Undefined for a key that the platform cannot use. */
  #import(material: KeyMaterial): Promise<WebKey | undefined> {
    const known = this.#imported.get(material)
    if (known) return known
    const imported = (async () => webEngine.importKey(material))().catch(() => undefined)
    this.#imported.set(material, imported)
    return imported
  }
}

/** Shorter ones would be found by chance. */
const LEAST_CUT_BYTES = 8

function matchOf(mac: Uint8Array, received: readonly Received[]): Match | undefined {
  const whole = received.find(({ bytes }) => isSameBytes(mac, bytes))
  if (whole) return { received: whole, isCut: false }
  const isStart = ({ bytes }: Received): boolean =>
    bytes.length >= LEAST_CUT_BYTES && bytes.length < mac.length && isSameBytes(mac.subarray(0, bytes.length), bytes)
  const cut = received.find(isStart)
  return cut && { received: cut, isCut: true }
}

async function isMadeBy(key: WebKey, content: SignedContent, candidate: Uint8Array): Promise<boolean> {
  try {
    return await webEngine.matches(key, content, [candidate])
  } catch {
    return false // a signature of a length that the platform does not take
  }
}

/** The body is the same if it is the same array. */
function isSameContent(one: SignedContent, other: SignedContent): boolean {
  return one.body === other.body && one.before === other.before && one.after === other.after
}

function sizeOf({ before, body, after }: SignedContent): number {
  return before.length + body.length + after.length
}

function join({ before, body, after }: SignedContent): Uint8Array {
  return concatBytes([encodeText(before), body, encodeText(after)])
}
