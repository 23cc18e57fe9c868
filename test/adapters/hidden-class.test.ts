// Whether objects share a hidden class: V8 itself is asked.

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
const haveSameClass = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean

const prototype = Object.create(ServerResponse.prototype) as object

/** A response as Express passes it on, after a middleware has added a method. */
function responseOf(prepare: (response: ServerResponse) => void): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  Object.setPrototypeOf(response, prototype)
  Object.assign(response, { locals: {} })
  prepare(response)
  response.end = response.end.bind(response)
  return response
}

function countClasses(objects: readonly object[]): number {
  const classes: object[] = []
  for (const object of objects) if (!classes.some((each) => haveSameClass(each, object))) classes.push(object)
  return classes.length
}

const share = (response: ServerResponse) => shareHiddenClass(response, 'req')

describe('isSetPrototypeSlow', () => {
  it('is true exactly if V8 makes a hidden class for each property added after the prototype was set', () => {
    const same = haveSameClass(
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
  ])('for Node %j is %s', (node, isSlow) => {
    expect(isSetPrototypeSlow(node)).toBe(isSlow)
  })

  it.each([undefined, {}])('is false if the process is %j', (process) => {
    vi.stubGlobal('process', process)
    try {
      expect(isSetPrototypeSlow()).toBe(false)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

/** How many classes 24 requests to a new application have, or their responses, if those have more. */
async function countBehind(express: typeof express5): Promise<number> {
  const requests: IncomingMessage[] = []
  const responses: ServerResponse[] = []
  const app = express()
  app.post('/webhooks', expressWebhook({ secrets: SECRET }), (request, response) => {
    requests.push(request)
    responses.push(response)
    response.end()
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (let i = 0; i < 24; i++) await deliver(port)
  server.close()
  return Math.max(countClasses(requests), countClasses(responses))
}

describe('shareHiddenClass', () => {
  it('gives all responses the same class', () => {
    for (let i = 0; i < 10; i++) expect(haveSameClass(responseOf(share), responseOf(share))).toBe(true)
  })

  it.each([
    ['Express 4', express4],
    ['Express 5', express5],
  ])(
    'gives all requests the same few classes, and all responses, behind the middleware in %s',
    async (_name, express) => {
      // V8 finds these classes in a cache of 64 entries. In one application of fifty the classes of requests and responses collide there, and
      // each object gets a new one. So a second and a third application may show that it works.
      const counts = [await countBehind(express)]
      while (counts.length < 3 && Math.min(...counts) >= 6) counts.push(await countBehind(express))
      // A request that arrives in two parts takes another path through Node and gets another class, so there are a few, but not one each.
      expect(Math.min(...counts)).toBeLessThan(6)
    },
  )

  it('leaves the properties of the object as they were', () => {
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
  ])('does nothing if the object %s', (_name, object: { req?: unknown }) => {
    const before = Object.getOwnPropertyDescriptors(object)
    shareHiddenClass(object, 'req')
    expect(Object.getOwnPropertyDescriptors(object)).toEqual(before)
  })
})
