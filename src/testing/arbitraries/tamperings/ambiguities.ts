// Headers that can be read in two ways.

import * as fc from 'fast-check'
import { isAmbiguousId } from '../../../webhook/pipeline/ambiguity.ts'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import type { SignedPart } from '../../../webhook/schemes/signed-part.ts'
import { type Draft, writeDelivery, writeSignature } from '../../draft.ts'
import { signatureLength } from '../../signing/key.ts'
import type { Tamper } from './tampering.ts'

export function ambiguities(scheme: WebhookScheme): fc.Arbitrary<Tamper>[] {
  const { signature, timestamp, deliveryId } = scheme.headers
  const ways: fc.Arbitrary<Tamper>[] = []
  // Two tokens that were joined are one token: a wrong one.
  if (scheme.proof.algorithm !== 'token') ways.push(...repeated(signature, emptySignature))
  if (!scheme.signature.carriesTimestamp) ways.push(...repeated(timestamp, (_, now) => scheme.timestamp.write(now)))
  ways.push(...repeated(deliveryId, () => 'another'), ...ambiguousIds(scheme))
  return ways
}

/** Another value for a header. */
type OtherValue = (draft: Draft, now: number) => string

function emptySignature(draft: Draft): string {
  return writeSignature(draft, new Uint8Array(signatureLength(draft.key)))
}

/** A header of these names, of which a sender writes the first. */
function repeated([name, ...aliases]: readonly string[], other: OtherValue): fc.Arbitrary<Tamper>[] {
  if (name === undefined) return []
  return [
    ...aliases.map((alias) => fc.constant(contradicted(name, alias, other))),
    fc.constant<Tamper>((draft) => {
      const { headers } = writeDelivery(draft)
      return { tampering: `${name} twice`, headers: { ...headers, [name]: `${headers[name]}, ${headers[name]}` } }
    }),
    fc.constant<Tamper>((draft, now) => {
      const { headers } = writeDelivery(draft)
      return {
        tampering: `a second ${name}`,
        headers: { ...headers, [name]: `${headers[name]}, ${other(draft, now)}` },
      }
    }),
  ]
}

/** Another value under another name. With the same value it would be genuine: a sender that renames its header sends both. */
function contradicted(name: string, alias: string, other: OtherValue): Tamper {
  return (draft, now) => {
    const { headers } = writeDelivery(draft)
    let value = other(draft, now)
    if (value === headers[name]) value += '0'
    return { tampering: `another ${name} as ${alias}`, headers: { ...headers, [alias]: value } }
  }
}

/** A signed id that contains a separator: with its neighbours, it could pass for other signed content. */
function ambiguousIds(scheme: WebhookScheme): fc.Arbitrary<Tamper>[] {
  if (!scheme.deliveryIdSigned) return []
  const texts = [...scheme.before, ...scheme.after].flatMap(textsOf)
  const separators = texts.filter((text) => /^[!-~]+$/.test(text) && isAmbiguousId(scheme, `a${text}b`))
  if (separators.length === 0) return []
  return [fc.constantFrom(...separators).map(idWithSeparator)]
}

/** The text of a part that is one. */
function textsOf(part: SignedPart): readonly string[] {
  if (typeof part === 'string') return [part]
  return 'text' in part ? [part.text] : []
}

function idWithSeparator(separator: string): Tamper {
  return (draft) => ({
    tampering: 'a delivery id that holds what separates the signed parts',
    ...writeDelivery({ ...draft, deliveryId: `${draft.deliveryId}${separator}1` }),
  })
}
