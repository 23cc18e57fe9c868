// Signatures that are not of the scheme's form.

import * as fc from 'fast-check'
import type { WebhookScheme } from '../../../webhook/schemes/scheme.ts'
import { writeDelivery, writeSignature } from '../../draft.ts'
import type { Tamper } from './tampering.ts'

/** None for a scheme that accepts any text as a signature. */
export function malformations(scheme: WebhookScheme): fc.MaybeWeightedArbitrary<Tamper>[] {
  const [header = 'signature'] = scheme.headers.signature
  if (!isMalformed(scheme, FOREIGN)) return []
  const place = fc.nat(200)
  const rewritten = (tampering: string, change: (signature: string) => string): Tamper =>
    rewrittenSignature(scheme, tampering, change)
  return [
    fc.constant(rewritten(`${header} replaced by an exclamation mark`, () => FOREIGN)),
    // The most telling one: a handler that compares only the characters that it got can be tried character by character.
    {
      weight: 4,
      arbitrary: place.map((at) => rewritten('signature cut short', (text) => text.slice(0, inside(text, at)))),
    },
    place.map((at) => rewritten('signature without its beginning', (text) => text.slice(inside(text, at)))),
    fc
      .constantFrom('0', '=', 'A', '.')
      .map((end) => rewritten('signature with something behind it', (text) => text + end)),
    place.map((at) => rewritten('one character of the signature replaced', (text) => replaceCharacter(text, at))),
    fc.constant(rewritten('signature in capitals', (text) => text.toUpperCase())),
    fc.constant(rewritten('signature without its prefix', (text) => text.replace(/^[^=,]*[=,]/, ''))),
    fc
      .constantFrom('sha1=', 'sha256=', 'v0=', 'v1,', '0x')
      .map((prefix) => rewritten(`${prefix} put before the signature`, (text) => prefix + text)),
    fc
      .constantFrom('null', 'undefined', '[object Object]', '0'.repeat(8_000))
      .map((text) => rewritten('something else for a signature', () => text)),
  ]
}

function rewrittenSignature(scheme: WebhookScheme, tampering: string, change: (signature: string) => string): Tamper {
  return (draft) => {
    const value = change(writeSignature(draft))
    if (isMalformed(scheme, value) && fits(scheme, value)) return { tampering, ...writeDelivery(draft, value) }
    return { tampering: 'signature replaced by an exclamation mark', ...writeDelivery(draft, FOREIGN) }
  }
}

/** In a body there is room for as long a signature as any is. A longer one could be refused for its size. */
function fits({ bodyFields }: WebhookScheme, text: string): boolean {
  return bodyFields?.signature === undefined || text.length <= LONGEST_IN_BODY
}

const LONGEST_IN_BODY = 600

/** A place inside a text of two or more characters, so at least one is left on either side. */
function inside(text: string, at: number): number {
  return 1 + (at % Math.max(1, text.length - 1))
}

function replaceCharacter(text: string, at: number): string {
  const cut = at % text.length
  return `${text.slice(0, cut)}!${text.slice(cut + 1)}`
}

/** In the alphabet of no encoding. */
const FOREIGN = '!'

/** Refused for its form, rather than because it can be read in two ways. Any transport sends it unchanged. */
function isMalformed(scheme: WebhookScheme, text: string): boolean {
  return (
    text !== '' &&
    !text.includes(', ') &&
    text.trim() === text &&
    scheme.signature.read(text, scheme.proof.length) === undefined
  )
}
