// What several deliveries have in common.

import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type DiagnoseInput, diagnoseDeliveries } from '../../src/diagnose/index.ts'

const NOW = 1_710_000_000

interface Made {
  readonly secret?: string
  readonly timestamp?: number
  readonly id?: string
  readonly body?: string
  readonly received?: string
  readonly now?: number
}

function delivery({
  secret = 'topsecret',
  timestamp = NOW,
  id = 'a',
  body = '{"a":1}',
  received = body,
  now = NOW,
}: Made) {
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  const headers = {
    'x-fluxora-delivery-id': id,
    'x-fluxora-timestamp': String(timestamp),
    'x-fluxora-signature': signature,
  }
  return { secrets: 'topsecret', headers, body: received, now } satisfies DiagnoseInput
}

const diagnose = (...made: Made[]) => diagnoseDeliveries(made.map(delivery))

describe('several deliveries', () => {
  it('that are genuine have no findings', async () => {
    const { verdict, findings } = await diagnose({}, { id: 'b' })
    expect(verdict).toEqual({ ok: true, code: 'ok', message: 'All 2 deliveries are genuine.' })
    expect(findings).toEqual([])
  })

  it('share what is wrong with all of them, which comes first', async () => {
    const wrong = { body: '{"a": 1}', received: '{"a":1}' }
    const { verdict, findings, excluded } = await diagnose(
      wrong,
      { ...wrong, id: 'b' },
      { id: 'c', body: 'x', received: 'x\n' },
      {},
    )
    expect(verdict).toMatchObject({ ok: false, code: 'signature_mismatch', message: expect.stringContaining('3 of 4') })
    expect(findings.map(({ code }) => code)).toEqual(['body_reserialized', 'body_newline'])
    expect(findings.map(({ message }) => message.split(':')[0])).toEqual([
      'In 2 of 3 refused deliveries',
      'In 1 of 3 refused deliveries',
    ])
    expect(excluded.hashedBytes).toBeGreaterThan(3 * 1024)
  })

  it('with one skew have a clock that is wrong', async () => {
    const { findings } = await diagnose(
      { timestamp: NOW - 4001 },
      { timestamp: NOW - 4003, id: 'b' },
      { timestamp: NOW - 4000, id: 'c' },
    )
    expect(findings).toMatchObject([
      { code: 'clock_skew', certainty: 'fact', message: expect.stringContaining('one of the two clocks is wrong') },
    ])
  })

  it('with skews of their own are late retries', async () => {
    const { findings } = await diagnose({ timestamp: NOW - 4001 }, { timestamp: NOW - 9500, id: 'b' })
    expect(findings.map(({ code }) => code)).toEqual(['clock_skew'])
    expect(findings[0]?.message).not.toContain('one of the two clocks')
  })

  it('may be one that was refused', async () => {
    const { findings } = await diagnose({}, { timestamp: NOW - 4001, id: 'b' })
    expect(findings[0]?.message).toMatch(/^In the only refused delivery: /)
  })

  it('with one timestamp and one id are retries that were not signed anew', async () => {
    const { findings } = await diagnose({ now: NOW + 400 }, { now: NOW + 800 }, { now: NOW + 1700 })
    expect(findings.map(({ code, certainty }) => `${certainty} ${code}`)).toContain('fact timestamp_reused')
    const others = await diagnose({ now: NOW + 400 }, { now: NOW + 400, id: 'b' })
    expect(others.findings.map(({ code, certainty }) => `${certainty} ${code}`)).toContain('hint timestamp_reused')
  })

  it.each([[[]], [undefined], [{}], [Array.from({ length: 1001 }, () => delivery({}))]])(
    'must be a list: %#',
    async (list) => {
      await expect(diagnoseDeliveries(list as never)).rejects.toMatchObject({ code: 'invalid_option' })
    },
  )
})
