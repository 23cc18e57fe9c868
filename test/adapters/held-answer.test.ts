// The held answer on responses that a host has made up, without a connection.

import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { HeldAnswer, type HoldSettings } from '../../src/adapters/shared/held-answer.ts'
import type { Outcome } from '../../src/webhook/index.ts'

const settings: HoldSettings = { abandonedMs: 1000, log: () => {} }
const ok = { ok: true } as Outcome

describe('an answer without a connection', () => {
  it.each([
    ['without a socket', {}],
    ['without its request', { req: undefined }],
  ])('is broken off by closing it, on a response %s', async (_what, fields) => {
    const response = new ServerResponse(new IncomingMessage(null as unknown as Socket))
    Object.assign(response, fields)
    const decision = new HeldAnswer(response, settings).decideBy(() => {
      response.write('one')
      response.emit('close')
    })
    await expect(decision).rejects.toMatchObject({ name: 'ApplicationDeclined', status: 0 })
  })

  it('is decided by none of this once it has been', async () => {
    const response = new ServerResponse(new IncomingMessage(null as unknown as Socket))
    const answer = new HeldAnswer(response, settings)
    expect(answer.decideBy(() => void response.end('ok'))).toBe(undefined)
    response.destroy()
    answer.decide(500)
    expect(answer.letGo(ok)).toBe(true)
  })
})
