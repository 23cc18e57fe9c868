// Values that can be read in more than one way: two headers joined into one value, and ids that blend with what is signed beside them.

import type { WebhookScheme } from '../schemes/scheme.ts'
import type { SignedPart } from '../schemes/signed-part.ts'

/** True if an id could be parsed as two ids, or as a part of what is signed beside it. */
export function isAmbiguousId(scheme: WebhookScheme, id: string): boolean {
  // A lone surrogate has no UTF-8 form: the id would be signed as if it were another one.
  if (id.includes(JOINT) || !id.isWellFormed()) return true
  return scheme.deliveryIdSigned && blendsWithSeparator(scheme, id)
}

/**
 * `a.1` before a body is the same text as `a` before `1.` and the body. So the separator between the id and the body must not appear any
 * earlier than where the id ends.
 */
function blendsWithSeparator({ before, after }: WebhookScheme, id: string): boolean {
  const at = before.indexOf('deliveryId')
  if (at >= 0) {
    const separator = separatorOf(before[at + 1])
    return separator !== undefined && (id + separator).indexOf(separator) < id.length
  }
  const separator = separatorOf(after[after.indexOf('deliveryId') - 1])
  return separator !== undefined && (separator + id).lastIndexOf(separator) > 0
}

/** The text that a signed part stands for; undefined for a timestamp, whose digits cannot be anything else, and for parts of the request. */
function separatorOf(part: SignedPart | undefined): string | undefined {
  if (typeof part === 'object') return 'text' in part ? part.text : undefined
  return part === undefined || isVariable(part) ? undefined : part
}

function isVariable(part: string): boolean {
  return ['timestamp', 'body', 'method', 'url', 'path', 'sortedFormFields'].includes(part)
}

/**
 * True if a transport joined two headers into this one value, as Node and Fetch do (RFC 9110 section 5.3): it begins with one value of the
 * form and ends with another. A value of the form may hold the joint's own characters, so several places are tried, up to a limit.
 */
export function isJoined(value: string | undefined, isOfForm: (text: string) => unknown): boolean {
  if (!value) return false
  const end = endOfFirst(value, isOfForm)
  if (end === undefined) return false
  let at = value.lastIndexOf(JOINT)
  for (let tries = 0; tries < MAX_JOINTS && at >= end; tries++) {
    if (isOfForm(value.slice(at + JOINT.length))) return true
    at = value.lastIndexOf(JOINT, at - 1)
  }
  return false
}

/** Where the first value ends, if the text begins with a value of the form and a joint. */
function endOfFirst(value: string, isOfForm: (text: string) => unknown): number | undefined {
  let at = value.indexOf(JOINT)
  for (let tries = 0; tries < MAX_JOINTS && at >= 0; tries++) {
    if (isOfForm(value.slice(0, at))) return at
    at = value.indexOf(JOINT, at + 1)
  }
  return undefined
}

const JOINT = ', '
const MAX_JOINTS = 16
