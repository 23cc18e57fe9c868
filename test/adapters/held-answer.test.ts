// The held answer on responses that a host has made up, without a connection.

import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { holdAnswer } from '../../src/adapters/shared/held-answer.ts'

describe('an answer without a connection', () => {
  it.each([
    ['without a socket', {}],
    ['without its request', { req: undefined }],
  ])('is broken off by closing it, on a response %s', async (_what, fields) => {
    const response = new ServerResponse(new IncomingMessage(null as unknown as Socket))
    Object.assign(response, fields)
    const decision = holdAnswer(response).decideBy(() => {
      response.write('one')
      response.emit('close')
    })
    await expect(decision).rejects.toMatchObject({ name: 'ApplicationDeclined', status: 0 })
  })

  it('is decided by none of this once it has been', async () => {
    const response = new ServerResponse(new IncomingMessage(null as unknown as Socket))
    const answer = holdAnswer(response)
    expect(answer.decideBy(() => void response.end('ok'))).toBe(undefined)
    response.destroy()
    answer.decide(500)
    expect(answer.letGo()).toBe(true)
  })
})
