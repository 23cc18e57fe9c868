// What must hold for any delivery: a proof is a proof, nothing comes out that must not, the search ends within its budget, and nothing that
// was received makes it throw.

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DiagnoseInput, type Diagnosis, diagnoseDelivery, type FindingCode } from '../../src/diagnose/index.ts'
import { isWebhookError } from '../../src/shared/webhook-error.ts'
import { webhookBody } from '../../src/testing/index.ts'
import { ALL_SCHEMES } from '../../src/webhook/schemes/all-schemes.ts'

const NOW = 1_710_000_000
const github = ALL_SCHEMES.github

const mac = (secret: string, content: Uint8Array): string => createHmac('sha256', secret).update(content).digest('hex')

const toBytes = (body: string | Uint8Array): Uint8Array => (typeof body === 'string' ? Buffer.from(body) : body)

function diagnose(secret: string, body: Uint8Array, signature: string, more: Partial<DiagnoseInput> = {}) {
  const headers = { 'x-hub-signature-256': `sha256=${signature}` }
  return diagnoseDelivery({ scheme: github, secrets: secret, headers, body, now: NOW, ...more })
}

const provenCodes = ({ findings }: Diagnosis): FindingCode[] =>
  findings.filter(({ certainty }) => certainty === 'proven').map(({ code }) => code)

/** Long enough never to be part of a message by chance. */
const secrets = fc.stringMatching(/^[A-Za-z0-9+/_-]{12,40}$/)
const bodies = webhookBody().map(toBytes)

interface Fault {
  readonly codes: readonly FindingCode[]
  readonly body?: (body: Buffer) => Uint8Array | undefined
  readonly secret?: (secret: string) => string
}

const jsonFault = (codes: readonly FindingCode[], write: (value: unknown) => string): Fault => ({
  codes,
  body(bytes) {
    try {
      return Buffer.from(write(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))))
    } catch {
      return undefined
    }
  },
})

const add =
  (before: string, after = '') =>
  (body: Buffer) =>
    Buffer.concat([Buffer.from(before), body, Buffer.from(after)])

const FAULTS: readonly Fault[] = [
  { codes: ['body_newline'], body: add('', '\n') },
  { codes: ['body_newline'], body: add('', '\r\n') },
  { codes: ['body_bom'], body: add('\ufeff') },
  { codes: ['body_trimmed', 'body_newline'], body: add('', ' \t ') },
  { codes: ['body_base64'], body: (body) => Buffer.from(body.toString('base64')) },
  { codes: ['body_wrapped'], body: (body) => Buffer.from(JSON.stringify({ body: body.toString('base64') })) },
  { codes: ['secret_whitespace'], secret: (secret) => `${secret}\n` },
  { codes: ['secret_whitespace'], secret: (secret) => `\u00a0${secret}` },
  { codes: ['secret_quoted'], secret: (secret) => `'${secret}'` },
  { codes: ['secret_escaped_newline'], secret: (secret) => `${secret}\\n` },
]

describe('any delivery', () => {
  it('never gets a proof if its signature is that of something else', async () => {
    const signature = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
    await fc.assert(
      fc.asyncProperty(secrets, bodies, signature, async (secret, body, random) => {
        const diagnosis = await diagnose(secret, body, random, { maxHashedBytes: 2_000_000 })
        expect(provenCodes(diagnosis)).toEqual([])
        expect(diagnosis.findings.length).toBeGreaterThan(0)
      }),
      { numRuns: 30 },
    )
  })

  it('is explained by the fault that it has, alone and with one of another family', async () => {
    const fault = fc.constantFrom(...FAULTS)
    await fc.assert(
      fc.asyncProperty(secrets, bodies, fault, fault, async (secret, body, one, other) => {
        fc.pre(!/[ \t]$|^$/.test(Buffer.from(body).toString('latin1'))) // where blanks end and others begin cannot be told
        fc.pre(one === other || (one.body === undefined) !== (other.body === undefined))
        const faults = one === other ? [one] : [one, other]
        const received = faults.reduce((bytes, { body: change }) => change?.(Buffer.from(bytes)) ?? bytes, body)
        const configured = faults.reduce((text, { secret: change }) => change?.(text) ?? text, secret)
        const diagnosis = await diagnose(configured, received, mac(secret, body))
        expect(diagnosis.verdict.ok).toBe(false)
        const codes = provenCodes(diagnosis)
        expect(codes).toHaveLength(faults.length)
        for (const each of faults) expect(codes.some((code) => each.codes.includes(code))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('is recognised when it was parsed and written again', async () => {
    const json = fc.json({ maxDepth: 3 }).filter((text) => /[[{]/.test(text) && !/[\d-]/.test(text))
    const spaces = fc.constantFrom(1, 2, 3, 4, '\t')
    await fc.assert(
      fc.asyncProperty(secrets, json, spaces, async (secret, text, indent) => {
        const signed = JSON.stringify(JSON.parse(text), null, indent)
        const received = JSON.stringify(JSON.parse(text))
        fc.pre(signed !== received)
        const diagnosis = await diagnose(secret, Buffer.from(received), mac(secret, Buffer.from(signed)))
        expect(provenCodes(diagnosis)).toEqual(['body_reserialized'])
      }),
      { numRuns: 100 },
    )
  })

  it('is not explained with its secret, its signature or its body', async () => {
    const text = fc.stringMatching(/^[A-Za-z0-9]{12,30}$/)
    const fault = fc.constantFrom(
      ...FAULTS,
      jsonFault(['body_reserialized'], (value) => JSON.stringify(value, null, 2)),
    )
    await fc.assert(
      fc.asyncProperty(secrets, text, fault, async (secret, word, { body: change, secret: misread }) => {
        const body = Buffer.from(JSON.stringify({ [`k${word}`]: `v${word}` }))
        const signature = mac(secret, body)
        const configured = misread?.(secret) ?? secret
        const received = change?.(body) ?? Buffer.concat([body, Buffer.from('x')])
        const both = [
          await diagnose(configured, received, signature),
          await diagnose(configured, received, mac('x', body)),
        ]
        const told = JSON.stringify(both)
        for (const hidden of [secret, configured.trim(), word, signature]) expect(told).not.toContain(hidden)
      }),
      { numRuns: 50 },
    )
  })

  it('costs no more than it may', async () => {
    const most = fc.integer({ min: 1024, max: 300_000 })
    await fc.assert(
      fc.asyncProperty(secrets, bodies, most, async (secret, body, maxHashedBytes) => {
        const { excluded } = await diagnose(secret, body, '0'.repeat(64), { maxHashedBytes })
        expect(excluded.hashedBytes).toBeLessThanOrEqual(maxHashedBytes)
      }),
      { numRuns: 30 },
    )
  })

  it('whatever it is, gets a diagnosis', async () => {
    const headers = fc.oneof(
      fc.anything(),
      fc.dictionary(fc.constantFrom('x-hub-signature-256', 'Content-Length', 'webhook-signature'), fc.string()),
    )
    const scheme = fc.constantFrom(...Object.values(ALL_SCHEMES))
    const url = 'https://example.com/hooks?a=1'
    await fc.assert(
      fc.asyncProperty(headers, fc.anything(), scheme, fc.anything(), async (given, body, each, secret) => {
        const input = { scheme: each, secrets: secret, headers: given, body, url, now: NOW, maxHashedBytes: 100_000 }
        const diagnosis = await diagnoseDelivery(input as DiagnoseInput).catch((error: unknown) => error)
        if (isWebhookError(diagnosis)) expect(diagnosis.code).toBe('invalid_option')
        else expect(diagnosis).toMatchObject({ verdict: { ok: false }, excluded: { complete: expect.any(Boolean) } })
      }),
      { numRuns: 300 },
    )
  })
})
