// A verdict in words, and as the JSON that docs/cli.md describes.

import type { Verification } from '../../webhook/pipeline/verdict.ts'
import { columns, printable, type Style } from './style.ts'

/** A verdict as JSON. */
export interface VerdictSummary {
  readonly ok: boolean
  readonly status: number
  readonly code: string
  readonly message: string
  readonly delivery?: {
    readonly scheme: string
    readonly deliveryId: string | undefined
    readonly event: string | undefined
    readonly timestamp: number | undefined
    readonly keyId: string | undefined
    readonly bodyBytes: number
  }
}

/** A verdict as JSON. It holds no body, no header but those that name the delivery, and no signature. */
export function summariseVerdict(verdict: Verification): VerdictSummary {
  const { ok, status, code, message } = verdict
  if (!verdict.ok) return { ok, status, code, message }
  const { scheme, deliveryId, event, timestamp, keyId, body } = verdict.delivery
  return {
    ok,
    status,
    code,
    message,
    delivery: { scheme, deliveryId, event, timestamp, keyId, bodyBytes: body.length },
  }
}

/** A verdict for a person. */
export function describeVerdict(verdict: Verification, style: Style): string {
  if (!verdict.ok) return `${style.bad(`refused: ${verdict.code}`)} (${verdict.status})\n  ${verdict.message}\n`
  const { scheme, deliveryId, event, timestamp, keyId, body } = verdict.delivery
  const rows = [
    ['scheme', scheme],
    ['delivery id', deliveryId ?? '-'],
    ['event', event ?? '-'],
    ['timestamp', timestamp === undefined ? '-' : `${timestamp} (${isoTime(timestamp)})`],
    ['secret', keyId ?? '-'],
    ['body', `${body.length} bytes`],
  ].map(([name = '', value = '']) => [name, printable(value)])
  return `${style.good('genuine')}\n${columns(rows)}`
}

function isoTime(seconds: number): string {
  const time = new Date(seconds * 1_000)
  return Number.isNaN(time.getTime()) ? 'no date' : time.toISOString()
}
