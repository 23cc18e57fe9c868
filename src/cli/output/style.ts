// Text for a person: colours where there is a terminal, and nothing of a sender's text that could steer one.

import type { CommandIo } from '../io.ts'

/** Ways to emphasise a text. */
export interface Style {
  good(text: string): string
  bad(text: string): string
  strong(text: string): string
  faint(text: string): string
}

/** Colours on a terminal, unless NO_COLOR is set to anything (no-color.org). */
export function styleFor({ env, stdoutIsTerminal }: CommandIo): Style {
  const inColour = stdoutIsTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  const paint = (code: number) => (text: string) => (inColour ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { good: paint(32), bad: paint(31), strong: paint(1), faint: paint(2) }
}

/** Text that came from outside, without control characters and marks that change the direction of writing, and cut to a length. */
export function printable(text: string, length = 200): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?')
  return clean.length > length ? `${clean.slice(0, length)}…` : clean
}

/** Columns, each as wide as its widest text. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const lines = rows.map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  '))
  return lines.map((line) => `${indent}${line.trimEnd()}\n`).join('')
}

/** One JSON document and a line break. Bigints are written as text. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
  return `${text}\n`
}
