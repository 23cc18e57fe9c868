// Reads an event from anywhere. What comes out says by its `kind` what the event asks for, and holds a copy of all it needs.

import type { ReorgConfig } from '../config.ts'
import type { Ledger } from '../ledger.ts'
import type { FinalityPoint } from '../state.ts'
import { isSequence } from './guards.ts'
import { readPoint, readText } from './members.ts'
import { readLedgers } from './page.ts'
import { check, reasonOf } from './problem.ts'

/**
 * - `ledgers`, `finalized`, `reset`, `replay`: what the event asks for
 * - `forbidden`: a command from someone who is not an operator, or without a reason
 * - `invalid`: not an event
 */
export type EventRequest =
  | { readonly kind: 'ledgers'; readonly ledgers: readonly Ledger[]; readonly source: string | undefined }
  | { readonly kind: 'finalized'; readonly point: FinalityPoint }
  | { readonly kind: 'reset'; readonly reason: string }
  | { readonly kind: 'replay'; readonly from: number; readonly to: number }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'invalid'; readonly reason: string }

/** Reads one event. Never throws, whatever it is given. */
export function readEvent(event: unknown, config: ReorgConfig): EventRequest {
  try {
    // A value that is not an object has no type either.
    return readMembers(Object(event) as Record<string, unknown>, config)
  } catch (thrown) {
    return { kind: 'invalid', reason: reasonOf(thrown) }
  }
}

function readMembers(event: Record<string, unknown>, config: ReorgConfig): EventRequest {
  const { type, ledgers, source, sequence, hash, actor, reason, from, to } = event
  if (type === 'ledgers') return { kind: 'ledgers', source: readSource(source), ledgers: readLedgers(ledgers, config) }
  if (type === 'finalized') return { kind: 'finalized', point: readPoint(sequence, hash, config) }
  const isCommand = type === 'reset' || type === 'replay'
  check(isCommand, 'type', 'must be "ledgers", "finalized", "reset" or "replay"')
  // Permission comes first: someone who may not command learns nothing about the command.
  if (actor !== 'operator' || !isReason(reason)) return { kind: 'forbidden' }
  if (type === 'reset') return { kind: 'reset', reason }
  const isBigint = typeof from === 'bigint' || typeof to === 'bigint'
  check(!isBigint, 'from and to', 'must be numbers, not bigints; convert them with Number()')
  const isRange = isSequence(from) && isSequence(to) && from <= to
  check(isRange, 'from and to', 'must be whole numbers, 0 or more, and from must not be above to')
  return { kind: 'replay', from, to }
}

function readSource(source: unknown): string | undefined {
  if (source === undefined) return undefined
  return readText(source, 'any', 'source')
}

function isReason(reason: unknown): reason is string {
  return typeof reason === 'string' && reason.length <= 1000 && /\S/.test(reason)
}
