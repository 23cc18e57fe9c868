// The held answer on responses without a connection, as serverless hosts make them, and on responses whose every method throws.

import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { HeldAnswer } from '../../src/adapters/shared/held-answer.ts'
import type { Outcome } from '../../src/webhook/index.ts'

const ok = { ok: true } as Outcome
const failed = { ok: false } as Outcome
const answer503 = { status: 503, headers: { 'x-a': 'b' }, body: 'instead' }
const make503 = () => answer503
const makeNone = (): never => {
  throw new Error('no other answer was expected')
}

function makeHeld(fields: object = {}) {
  const response = new ServerResponse(new IncomingMessage(null as unknown as Socket))
  Object.assign(response, fields)
  const logged: string[] = []
  const held = new HeldAnswer(response, { abandonedMs: 20, log: (message) => void logged.push(message) })
  return { response, held, logged }
}

/** Calls a method and returns the error that its callback gets. */
function callbackError(call: (callback: (error?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve) => call(resolve))
}

describe('the phase', () => {
  type Held = ReturnType<typeof makeHeld>
  const bodyOf = (response: ServerResponse) =>
    (response as unknown as { outputData: { data: string }[] }).outputData.map(({ data }) => data).join('')

  const phases: [string, (held: Held) => void][] = [
    ['held', ({ response, held }) => void held.decideBy(() => void response.end('first'))],
    [
      'broken',
      ({ response, held }) => {
        held.decideBy(() => void response.end(42 as never))?.catch(() => {})
      },
    ],
  ]

  it.each(phases)('%s refuses another write and another end, and tells their callbacks', async (_phase, enter) => {
    const made = makeHeld()
    enter(made)
    const { response, logged } = made
    expect(response.write('second')).toBe(false)
    expect(response.end('third')).toBe(response)
    const expected = { code: 'ERR_STREAM_WRITE_AFTER_END' }
    expect(await callbackError((callback) => response.write('x', callback))).toMatchObject(expected)
    expect(await callbackError((callback) => response.end('x', callback))).toMatchObject(expected)
    expect(logged).toEqual([])
  })

  it.each(phases)('%s ignores another head', (_phase, enter) => {
    const made = makeHeld()
    enter(made)
    const { response } = made
    expect(response.writeHead(500, { 'x-a': 'second' })).toBe(response)
    response.flushHeaders()
    expect([response.headersSent, response.statusCode, response.getHeaderNames()]).toEqual([false, 200, []])
  })

  it.each(phases)('%s logs a mistake, and changes nothing else', (_phase, enter) => {
    const made = makeHeld()
    enter(made)
    const { response, logged } = made
    response.on('custom', () => {
      throw new Error('in a listener')
    })
    expect(response.emit('custom')).toBe(true)
    expect(logged).toEqual(["A listener for 'custom' on the response threw an error."])
    expect([response.headersSent, response.writableEnded]).toEqual([false, false])
  })

  it('held sends the first answer when it is settled, whatever was written after it', () => {
    const made = makeHeld()
    phases[0]?.[1](made)
    const { response, held } = made
    response.write('second')
    response.end('third')
    held.settle(ok, makeNone)
    expect(bodyOf(response)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nfirst$/)
  })

  it('held sends a refusal of the application itself, and not another answer', () => {
    const { response, held } = makeHeld()
    held.decideBy(() => void response.writeHead(422).end('no'))?.catch(() => {})
    held.settle(failed, makeNone)
    expect(bodyOf(response)).toMatch(/^HTTP\/1\.1 422 [\s\S]*\r\n\r\nno$/)
  })

  it.each<[string, (held: Held) => void]>([
    ['open', ({ held }) => void held.decideBy(() => {})?.catch(() => {})],
    phases[1] as (typeof phases)[number],
  ])('%s sends another answer when it is settled', (_phase, enter) => {
    const made = makeHeld()
    enter(made)
    made.held.settle(failed, make503)
    expect(bodyOf(made.response)).toMatch(/^HTTP\/1\.1 503 [\s\S]*x-a: b[\s\S]*instead/)
  })

  it('released passes all calls on to Node, and refuses only what comes after the end', async () => {
    const { response, held, logged } = makeHeld()
    held.decideBy(() => {})?.catch(() => {})
    held.settle(failed, make503)
    expect(response.writableEnded).toBe(true)
    expect(response.write('more')).toBe(false)
    expect(response.end('more')).toBe(response)
    expect(() => response.writeHead(200)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
    expect(logged).toEqual([])
  })

  it('is left alone when the sender has disconnected without an answer', async () => {
    const { response, held } = makeHeld()
    const decision = held.decideBy(() => void response.emit('close'))
    await expect(decision).rejects.toMatchObject({ status: 0 })
    held.settle(failed, makeNone)
    expect(response.headersSent).toBe(false)
  })
})

describe('an answer without a connection', () => {
  const responses: [string, object][] = [
    ['without a socket', {}],
    ['without its request', { req: undefined }],
  ]

  it.each(responses)('is declined when it is closed after its head, on a response %s', async (_what, fields) => {
    const { response, held } = makeHeld(fields)
    const decision = held.decideBy(() => {
      response.write('one')
      response.emit('close')
    })
    await expect(decision).rejects.toMatchObject({ name: 'ApplicationDeclined', status: 0 })
  })

  it.each(responses)(
    'is awaited for a while when it is closed before its head, on a response %s',
    async (_, fields) => {
      const { response, held } = makeHeld(fields)
      const decision = held.decideBy(() => void response.emit('close'))
      const message = 'The sender disconnected, and the application did not answer within 0.02 seconds.'
      await expect(decision).rejects.toMatchObject({ name: 'ApplicationDeclined', status: 0, message })
    },
  )

  it('is decided only once', async () => {
    const { response, held } = makeHeld()
    expect(held.decideBy(() => void response.end('ok'))).toBe(undefined)
    response.destroy()
    held.decide(500)
    held.settle(ok, makeNone)
    expect(response.statusCode).toBe(200)
  })

  it('is decided by its head when the sender disconnects before the end', async () => {
    const { response, held } = makeHeld()
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

describe('an answer that must not be sent', () => {
  it('is replaced, with its head, if the delivery was not committed', () => {
    const { response, held } = makeHeld()
    held.decideBy(() => {
      response.statusMessage = 'Fine'
      response.setHeader('x-own', '1')
      response.write('half of it')
      response.end('whole')
    })
    held.settle(failed, make503)
    expect([response.statusCode, response.statusMessage]).toEqual([503, 'Service Unavailable'])
    expect(response.getHeaderNames()).not.toContain('x-own')
    expect(response.writableEnded).toBe(true)
  })

  it('ends in a closed connection if it cannot be replaced, even if closing throws', () => {
    const broken = (): never => {
      throw new Error('wrapped')
    }
    const { response, held, logged } = makeHeld({ writeHead: broken, destroy: broken })
    held.decideBy(() => void response.end('ok'))
    held.settle(failed, make503)
    expect(logged).toEqual(['No answer could be sent.', 'The response could not be destroyed.'])
  })
})

describe('a head', () => {
  it('cannot be replaced after it was flushed', () => {
    const { response, held } = makeHeld()
    held.decideBy(() => {
      response.write('held')
      response.flushHeaders()
      response.flushHeaders()
      response.write('more')
      response.end()
    })
    held.settle(failed, make503)
    expect([response.statusCode, response.destroyed]).toEqual([200, true])
  })

  it('is final from the first write on, whatever is set, written or flushed after that', () => {
    const { response, held } = makeHeld()
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
    held.settle(ok, makeNone)
    expect([response.statusCode, response.getHeader('x-a')]).toEqual([200, 'first'])
  })

  it('is written at once if its headers are a list', () => {
    const { response, held } = makeHeld()
    held.decideBy(() => {
      response.writeHead(201, ['x-a', '1', 'x-a', '2'] as never)
      expect(response.headersSent).toBe(true)
      response.end()
    })
    held.settle(ok, makeNone)
    expect(response.statusCode).toBe(201)
  })

  it('may have a status message of its own', () => {
    const { response, held } = makeHeld()
    held.decideBy(() => void response.writeHead(202, 'Taken', { 'x-a': '1' }).end())
    held.settle(ok, makeNone)
    expect([response.statusCode, response.statusMessage, response.getHeader('x-a')]).toEqual([202, 'Taken', '1'])
  })
})
