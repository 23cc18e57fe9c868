// Without `onOutcome`: what is the application's to mend is logged, and nothing else.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { createWebhookReceiver, type WebhookReceiverOptions } from '../../src/webhook/index.ts'
import { clock, send } from './support.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const failing = () => {
  throw new Error('handler failed')
}

function setUp(options: Partial<WebhookReceiverOptions> = {}) {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const receiver = createWebhookReceiver({ secrets: 'topsecret', now: clock, ...options })
  return { printed, receiver, input: { headers: send('fluxora'), body: '{}' } }
}

describe('a receiver without onOutcome', () => {
  it("prints a handler's error, once", async () => {
    const { printed, receiver, input } = setUp()
    await receiver.receive(input, failing)
    await receiver.receive(input, failing)
    expect(printed.mock.calls).toEqual([
      [expect.stringMatching(/^@fluxora\/verify, fluxora: handler_failed: /), new Error('handler failed')],
    ])
  })

  it('tells a logger that the call brings instead', async () => {
    const { printed, receiver, input } = setUp()
    const log = vi.fn()
    await receiver.receive(input, failing, { log })
    expect(log.mock.calls).toEqual([
      [expect.stringContaining('handler_failed'), expect.objectContaining({ error: new Error('handler failed') })],
    ])
    expect(printed).not.toHaveBeenCalled()
  })

  it('is silent where onOutcome is false, or a function', async () => {
    for (const onOutcome of [false as const, () => {}]) {
      const { printed, receiver, input } = setUp({ onOutcome })
      await receiver.receive(input, failing)
      expect(printed).not.toHaveBeenCalled()
    }
  })

  it("does not print what is a sender's affair", async () => {
    const { printed, receiver, input } = setUp()
    for (const headers of [{}, send('fluxora', { timestamp: 1 }), send('fluxora', { secret: 'other' })]) {
      await receiver.receive({ ...input, headers }, failing)
    }
    await receiver.receive(input, () => {})
    await receiver.receive(input, () => {})
    expect(printed).not.toHaveBeenCalled()
  })
})
