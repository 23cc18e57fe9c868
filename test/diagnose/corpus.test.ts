// The corpus of broken deliveries: cause by cause, over every sender with a shared secret, and pairs. scripts/vectors/make-diagnose-vectors.mjs
// makes it without this library.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Certainty, diagnoseDelivery, type Finding, type FindingCode } from '../../src/diagnose/index.ts'
import type { WebhookSecrets } from '../../src/webhook/index.ts'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'

interface Broken {
  readonly cause: string
  readonly scheme: string
  readonly secrets: WebhookSecrets
  readonly otherSecrets?: WebhookSecrets
  readonly headers: Record<string, string> | [string, string][]
  readonly body?: string
  readonly bodyBase64?: string
  readonly method?: string
  readonly url?: string
  readonly now: number
  readonly findings: [code: FindingCode, certainty: Certainty, secretId?: string][]
}

const { cases } = JSON.parse(readFileSync(new URL('../vectors/diagnose.json', import.meta.url), 'utf8')) as {
  cases: Broken[]
}

const bodyOf = ({ body, bodyBase64 = '' }: Broken): Uint8Array | string => body ?? Buffer.from(bodyBase64, 'base64')

function diagnose(broken: Broken) {
  const { scheme, secrets, otherSecrets, headers, method, url, now } = broken
  const input = { scheme: ALL_SCHEMES[scheme], secrets, otherSecrets, headers, body: bodyOf(broken), method, url, now }
  return diagnoseDelivery(input)
}

const named = ({ code, certainty }: Finding) => `${certainty} ${code}`

describe('broken deliveries', () => {
  it('are there for most senders, and in number', () => {
    expect(cases.length).toBeGreaterThan(300)
    expect(new Set(cases.map(({ scheme }) => scheme)).size).toBeGreaterThan(30)
    expect(cases.filter(({ findings }) => findings.length > 1).length).toBeGreaterThan(20)
  })

  it.each(cases.map((each) => [`${each.scheme}: ${each.cause}`, each] as const))('%s', async (_name, broken) => {
    const { verdict, findings } = await diagnose(broken)
    expect(verdict.ok).toBe(false)
    const due = broken.findings.map(([code, certainty]) => `${certainty} ${code}`)
    expect(findings.slice(0, due.length).map(named)).toEqual(due)
    const isDue = (each: Finding): boolean => due.includes(named(each))
    expect(findings.filter(({ certainty }) => certainty === 'proven').every(isDue)).toBe(true)
    for (const [at, [, , secretId]] of broken.findings.entries()) {
      if (secretId !== undefined) expect(findings[at]?.secretId).toBe(secretId)
    }
  })
})
