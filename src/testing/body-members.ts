// What some senders put into the body in place of a header: the timestamp, the signature, other signed fields. For fixtures only.

import { concatBytes } from '../shared/bytes.ts'
import { readPointer } from '../shared/json-pointer.ts'
import { parseBody, textAt } from '../webhook/pipeline/body-fields.ts'
import type { WebhookScheme } from '../webhook/schemes/scheme.ts'
import type { SignedPart } from '../webhook/schemes/signed-part.ts'

/** The JSON Pointers of a scheme, by what is there. */
export interface BodyPointers {
  readonly signature: string | undefined
  readonly timestamp: string | undefined
  readonly fields: readonly string[]
}

export function bodyPointers({ bodyFields, before, after }: WebhookScheme): BodyPointers {
  const fields = [...before, ...after].flatMap(fieldOf)
  return { signature: bodyFields?.signature, timestamp: bodyFields?.timestamp, fields }
}

function fieldOf(part: SignedPart): readonly string[] {
  if (typeof part === 'object' && 'bodyField' in part) return [part.bodyField]
  return []
}

/** All of them; none if the sender puts nothing into the body. */
export function allPointers(scheme: WebhookScheme): readonly string[] {
  const { signature, timestamp, fields } = bodyPointers(scheme)
  return [signature ?? [], timestamp ?? [], fields].flat()
}

/** The text or number at a pointer of a body; undefined if there is none. */
export function bodyText(body: Uint8Array, pointer: string | undefined): string | undefined {
  return textAt(readPointer(pointer), parseBody(body))
}

/** A value for a pointer. */
export type BodyMember = readonly [pointer: string, value: string]

/** Whether the values could be put into a body: a JSON object without a member of the same name. */
export function canHold(body: Uint8Array, pointers: readonly string[]): boolean {
  const document = parseBody(body)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false
  return pointers.every((pointer) => !Object.hasOwn(document, readPointer(pointer)?.[0] ?? ''))
}

/** The body with the values before everything else, and otherwise byte for byte as it was. It must be able to hold them. */
export function withMembers(body: Uint8Array, members: readonly BodyMember[]): Uint8Array {
  if (members.length === 0) return body
  const added = JSON.stringify(treeOf(members)).slice(1, -1)
  const start = body.indexOf(0x7b) + 1
  const isEmpty = Object.keys(Object(parseBody(body))).length === 0
  const comma = isEmpty ? '' : ','
  return concatBytes([body.subarray(0, start), new TextEncoder().encode(added + comma), body.subarray(start)])
}

interface Tree {
  [name: string]: Tree | string | number
}

function treeOf(members: readonly BodyMember[]): Tree {
  const root: Tree = Object.create(null)
  for (const [pointer, value] of members) {
    const tokens = [...(readPointer(pointer) ?? [])]
    const last = tokens.pop() ?? ''
    let branch = root
    for (const token of tokens) branch = branchOf(branch, token)
    branch[last] = jsonValue(value)
  }
  return root
}

function branchOf(tree: Tree, token: string): Tree {
  const found = tree[token]
  if (typeof found === 'object') return found
  const made: Tree = Object.create(null)
  tree[token] = made
  return made
}

/** A number where the text is one: senders write times so. */
function jsonValue(value: string): string | number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && String(number) === value) return number
  return value
}
