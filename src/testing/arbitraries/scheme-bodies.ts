// Bodies that suit a scheme: a form where its fields are signed, and a JSON object where the sender puts something into it.

import * as fc from 'fast-check'
import { invalidOption } from '../../shared/webhook-error.ts'
import { toBytes } from '../../webhook/pipeline/body.ts'
import type { WebhookScheme } from '../../webhook/schemes/scheme.ts'
import { allPointers, canHold } from '../body-members.ts'
import { signsForm } from '../draft.ts'
import { bodies, jsonBody } from './bodies.ts'

/** The body that was asked for, or any. */
export function bodiesFor(
  scheme: WebhookScheme,
  body: string | Uint8Array | fc.Arbitrary<string | Uint8Array> | undefined,
  maxBodyBytes: number,
): fc.Arbitrary<Uint8Array> {
  const pointers = allPointers(scheme)
  if (pointers.length > 0) return completed(pointers, body, maxBodyBytes)
  if (body !== undefined) return bodies(body, maxBodyBytes)
  if (signsForm(scheme)) return formBody(maxBodyBytes)
  return jsonBody(maxBodyBytes)
}

/** What a sender adds: a timestamp, an id of up to 42 characters, a signature of up to 256 bytes, and their names. */
const ADDED_BYTES = 1_000

function completed(
  pointers: readonly string[],
  body: string | Uint8Array | fc.Arbitrary<string | Uint8Array> | undefined,
  maxBodyBytes: number,
): fc.Arbitrary<Uint8Array> {
  const left = maxBodyBytes - ADDED_BYTES
  if (left < 2) throw invalidOption('maxBodyBytes', `more than ${ADDED_BYTES}, since the sender adds to the body`)
  const isUsable = (each: Uint8Array): boolean => canHold(each, pointers)
  if (body === undefined) return jsonBody(left).map((each) => (isUsable(each) ? each : EMPTY_OBJECT))
  const fixed = toBytes(body)
  if (fixed && !isUsable(fixed))
    throw invalidOption('body', `a JSON object without ${pointers.join(', ')}, which the sender adds`)
  return bodies(body, left).filter(isUsable)
}

const EMPTY_OBJECT = /* @__PURE__ */ Uint8Array.of(0x7b, 0x7d)

/** Generates forms as browsers and senders write them, with names that come more than once. One that does not fit is left empty. */
function formBody(maxBodyBytes: number): fc.Arbitrary<Uint8Array> {
  const name = fc.constantFrom('CallSid', 'From', 'To', 'Body', 'MediaUrl0', 'a', 'A')
  const value = fc.oneof(
    fc.constantFrom('', '+15551234567', 'a b', '&=%+'),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  return fc.array(fc.tuple(name, value), { maxLength: 6 }).map((fields) => {
    const bytes = new TextEncoder().encode(new URLSearchParams(fields).toString())
    if (bytes.length <= maxBodyBytes) return bytes
    return new Uint8Array()
  })
}
