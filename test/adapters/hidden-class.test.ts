// What is done about hidden classes is seen by asking V8 itself.

import { once } from 'node:events'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import express5 from 'express'
import express4 from 'express4'
import { describe, expect, it, vi } from 'vitest'
import { expressWebhook } from '../../src/adapters/express.ts'
import { isSetPrototypeSlow, shareHiddenClass } from '../../src/adapters/shared/hidden-class.ts'
import { deliver, SECRET } from './support/client.ts'

setFlagsFromString('--allow-natives-syntax')
const haveSameShape = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean

const prototype = Object.create(ServerResponse.prototype) as object

/** A response as Express hands it on, to which a middleware adds a method. */
function responseOf(prepare: (response: ServerResponse) => void): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  Object.setPrototypeOf(response, prototype)
  Object.assign(response, { locals: {} })
  prepare(response)
  response.end = response.end.bind(response)
  return response
}

function countShapes(objects: readonly object[]): number {
  const shapes: object[] = []
  for (const object of objects) if (!shapes.some((shape) => haveSameShape(shape, object))) shapes.push(object)
  return shapes.length
}

const share = (response: ServerResponse) => shareHiddenClass(response, 'req')

describe('shapes', () => {
  it('are found dear just where V8 makes one for each property added after a prototype was set', () => {
    const same = haveSameShape(
      responseOf(() => {}),
      responseOf(() => {}),
    )
    expect(isSetPrototypeSlow()).toBe(!same)
  })

  it.each([
    ['20.12.0', true],
    ['22.99.9', true],
    ['24.0.0', false],
    ['30.1.0', false],
    ['', false],
  ])('are dear on Node %j: %s', (node, dear) => {
    expect(isSetPrototypeSlow(node)).toBe(dear)
  })

  it.each([undefined, {}])('are not dear where the process is %j', (process) => {
    vi.stubGlobal('process', process)
    try {
      expect(isSetPrototypeSlow()).toBe(false)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('are shared by all responses, once each was prepared', () => {
    for (let i = 0; i < 10; i++) expect(haveSameShape(responseOf(share), responseOf(share))).toBe(true)
  })

  it.each([
    ['Express 4', express4],
    ['Express 5', express5],
  ])('are shared by all requests, and by all responses, behind the middleware in %s', async (_name, express) => {
    const seen: [IncomingMessage, ServerResponse][] = []
    const app = express()
    app.post('/webhooks', expressWebhook({ secrets: SECRET }), (request, response) => {
      seen.push([request, response])
      response.end()
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    // On a busy machine the engine now and then treats a whole run of requests alike, so it is asked up to three times.
    const counts: [number, number][] = []
    while (counts.length < 3 && !counts.some((pair) => Math.max(...pair) < 6)) {
      seen.length = 0
      for (let i = 0; i < 24; i++) await deliver(port)
      counts.push([countShapes(seen.map(([request]) => request)), countShapes(seen.map(([, response]) => response))])
    }
    server.close()
    // A request that comes in two parts takes another way through Node, and another shape: so there are a few, and not one each.
    expect(Math.min(...counts.map((pair) => Math.max(...pair)))).toBeLessThan(6)
  })

  it('leave the object as it was, properties and all', () => {
    const response = responseOf(() => {})
    const before = Object.getOwnPropertyDescriptors(response)
    shareHiddenClass(response, 'req')
    expect(Object.getOwnPropertyDescriptors(response)).toEqual(before)
  })

  it.each([
    ['has no such property', {}],
    ['inherits it', Object.create({ req: 'inherited' })],
    ['is frozen', Object.freeze({ req: 1 })],
    ['made it read-only', Object.defineProperty({}, 'req', { value: 1, configurable: true })],
    [
      'made it an accessor',
      {
        get req() {
          return 1
        },
      },
    ],
  ])('are left alone where the object %s', (_name, object: { req?: unknown }) => {
    const before = Object.getOwnPropertyDescriptors(object)
    shareHiddenClass(object, 'req')
    expect(Object.getOwnPropertyDescriptors(object)).toEqual(before)
  })
})
