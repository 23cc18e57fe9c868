// The senders of a crash run.

import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Sends each delivery one to five times, and retries each time until the answer is a 2xx.
 *
 * @param {{ deliveries: number, concurrency: number, sign: Function, port: () => number }} options `port` gives the port of a random
 * worker, or 0 if that worker is not running.
 * @param {(share: number) => void} progress Called with the share that has been sent.
 */
export async function sendAll({ deliveries, concurrency, sign, port: portOfAny }, progress) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const queue = queueOf(deliveries)
  const count = { sent: queue.length, attempts: 0, refused: 0, broken: 0 }
  let next = 0

  async function deliver(id) {
    const body = JSON.stringify({ id })
    for (;;) {
      const port = portOfAny()
      count.attempts++
      const status = port === 0 ? 0 : await post(agent, port, sign({ body, deliveryId: id }), body)
      if (status >= 200 && status < 300) return
      if (status === 0) count.broken++
      else count.refused++
      await pause(50 + Math.random() * 300)
    }
  }

  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < queue.length) {
        const { id } = queue[next++]
        await deliver(id)
        progress(next / queue.length)
      }
    }),
  )
  agent.destroy()
  return count
}

function queueOf(deliveries) {
  const queue = []
  for (let n = 0; n < deliveries; n++) {
    const copies = 1 + Math.floor(5 * Math.random())
    for (let copy = 0; copy < copies; copy++) {
      // Half of the copies follow at once, the others some time later.
      queue.push({ id: `delivery-${n}`, at: n + (Math.random() < 0.5 ? 0 : Math.random() * 0.2 * deliveries) })
    }
  }
  return queue.sort((a, b) => a.at - b.at)
}

function post(agent, port, headers, body) {
  return new Promise((done) => {
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/', headers, timeout: 20_000 })
    sent.on('response', (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode))
      response.on('error', () => done(0))
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => done(0))
    sent.end(body)
  })
}
