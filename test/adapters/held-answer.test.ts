// The held answer on responses that a host has made up, without a connection, and where everything that is called throws.

import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { HeldAnswer } from '../../src/adapters/shared/held-answer.ts'
import type { Outcome } from '../../src/webhook/index.ts'

const ok = { ok: true } as Outcome
const failed = { ok: false } as Outcome
const answer503 = { status: 503, headers: { 'x-a': 'b' }, body: 'instead' }

function madeUp(fields: object = {}) {
  const response = new ServerResponse(new IncomingMessage(null as unknown as Socket))
  Object.assign(response, fields)
  const logged: string[] = []
  const held = new HeldAnswer(response, { abandonedMs: 20, log: (message) => void logged.push(message) })
  return { response, held, logged }
}

describe('an answer without a connection', () => {
  it.each([
    ['without a socket', {}],
    ['without its request', { req: undefined }],
  ])('is broken off by closing it, on a response %s', async (_what, fields) => {
    const { response, held } = madeUp(fields)
    const decision = held.decideBy(() => {
      response.write('one')
      response.emit('close')
    })
    await expect(decision).rejects.toMatchObject({ name: 'ApplicationDeclined', status: 0 })
  })

  it.each([
    ['without a socket', {}],
    ['without its request', { req: undefined }],
  ])('is waited for a while after that, on a response %s', async (_what, fields) => {
    const { response, held } = madeUp(fields)
    const decision = held.decideBy(() => void response.emit('close'))
    const message = 'The sender had gone, and the application did not answer within 0.02 seconds.'
    await expect(decision).rejects.toMatchObject({ name: 'ApplicationDeclined', status: 0, message })
  })

  it('is decided by none of this once it has been', async () => {
    const { response, held } = madeUp()
    expect(held.decideBy(() => void response.end('ok'))).toBe(undefined)
    response.destroy()
    held.decide(500)
    expect(held.letGo(ok)).toBe(true)
  })

  it('is decided by its first word', async () => {
    const { response, held } = madeUp()
    const decision = held.decideBy(() => {
      response.writeHead(503, { a: 'b' })
      response.emit('close')
      response.end()
    })
    await expect(decision).rejects.toMatchObject({ status: 503 })
    held.decide(200)
    await expect(decision).rejects.toMatchObject({ status: 503 })
  })
})

describe('an answer that is not let go', () => {
  it('is replaced, head and all, where the delivery was undone', () => {
    const { response, held } = madeUp()
    held.decideBy(() => {
      response.statusMessage = 'Fine'
      response.setHeader('x-own', '1')
      response.write('half of it')
      response.end('whole')
    })
    expect(held.letGo(failed)).toBe(false)
    held.answerInstead(answer503)
    expect([response.statusCode, response.statusMessage]).toEqual([503, 'Service Unavailable'])
    expect(response.getHeaderNames()).not.toContain('x-own')
    expect(response.writableEnded).toBe(true)
  })

  it('is broken off where it cannot be replaced, whatever that throws', () => {
    const broken = (): never => {
      throw new Error('wrapped')
    }
    const { response, held, logged } = madeUp({ writeHead: broken, destroy: broken })
    held.decideBy(() => void response.end('ok'))
    held.answerInstead(answer503)
    expect(logged).toEqual(['No answer could be written.', 'The answer could not be broken off.'])
  })
})

describe('a head', () => {
  it('that was flushed cannot be replaced', () => {
    const { response, held } = madeUp()
    held.decideBy(() => {
      response.write('held')
      response.flushHeaders()
      response.flushHeaders()
      response.write('more')
      response.end()
    })
    held.answerInstead(answer503)
    expect([response.statusCode, response.destroyed]).toEqual([200, true])
  })

  it('stands from the first write on, whatever is set, written or flushed after that', () => {
    const { response, held } = madeUp()
    response.setHeader('x-a', 'first')
    held.decideBy(() => {
      response.write('one')
      expect(response.headersSent).toBe(true)
      response.statusCode = 500
      response.setHeader('x-a', 'second')
      response.writeHead(500)
      response.write('two')
      expect(response.getHeader('x-a')).toBe('first')
      response.end('three')
      response.writeHead(500)
      response.flushHeaders()
    })
    expect(held.letGo(ok)).toBe(true)
    expect([response.statusCode, response.getHeader('x-a')]).toEqual([200, 'first'])
  })

  it('is a list where the application gives one, and is written at once', () => {
    const { response, held } = madeUp()
    held.decideBy(() => {
      response.writeHead(201, ['x-a', '1', 'x-a', '2'] as never)
      expect(response.headersSent).toBe(true)
      response.end()
    })
    expect(held.letGo(ok)).toBe(true)
    expect(response.statusCode).toBe(201)
  })

  it('may be written with a message of its own', () => {
    const { response, held } = madeUp()
    held.decideBy(() => void response.writeHead(202, 'Taken', { 'x-a': '1' }).end())
    held.letGo(ok)
    expect([response.statusCode, response.statusMessage, response.getHeader('x-a')]).toEqual([202, 'Taken', '1'])
  })
})
