// A diagnosis in words.

import type { Certainty, Diagnosis, Finding } from '../../diagnose/finding.ts'
import { printable, type Style } from './style.ts'

/** A diagnosis for a person. */
export function describeDiagnosis({ verdict, findings, excluded }: Diagnosis, style: Style): string {
  const head = verdict.ok ? style.good('genuine') : style.bad(`refused: ${verdict.code}`)
  const message = verdict.ok ? '' : `\n  ${printable(verdict.message, 400)}`
  const { transformations, secrets, schemes, hashedBytes, complete } = excluded
  const tried = `${count(transformations, 'change')}, ${count(secrets, 'secret')}, ${count(schemes, 'scheme')}, ${hashedBytes} bytes hashed`
  const end = complete ? '' : '. The search was ended by --max-bytes'
  const footer = verdict.ok ? '' : style.faint(`Tried: ${tried}${end}.\n`)
  return `${head}${message}\n${describeFindings(findings, style)}${footer}`
}

/** Findings for a person: what, how sure, and what to do. */
export function describeFindings(findings: readonly Finding[], style: Style): string {
  return findings.map((finding) => describeFinding(finding, style)).join('')
}

function describeFinding({ code, certainty, message, fix, secretId }: Finding, style: Style): string {
  const about = secretId === undefined ? '' : ` (${printable(secretId)})`
  const emphasis: Readonly<Record<Certainty, (text: string) => string>> = {
    proven: style.strong,
    fact: style.strong,
    hint: style.faint,
  }
  return `  ${emphasis[certainty](`${certainty}: ${code}`)}${about}\n    ${message}\n    ${style.faint(fix)}\n`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
