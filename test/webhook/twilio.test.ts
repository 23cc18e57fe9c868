// Twilio's JSON bodies are covered by a hash in the URL, which Twilio adds to the address that it was given.

import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createWebhookReceiver } from '../../src/webhook/index.ts'
import { twilio } from '../../src/webhook/schemes/index.ts'

const SECRET = 'auth-token'
const BODY = '{"event":"call.ended"}'
const HASH = createHash('sha256').update(BODY).digest('hex')

async function receive(signedUrl: string, publicUrl: string | undefined, url: string, body = BODY) {
  const signature = createHmac('sha1', SECRET).update(signedUrl).digest('base64')
  const receiver = createWebhookReceiver({ scheme: twilio, secrets: SECRET, publicUrl, onOutcome: false })
  const headers = { host: 'internal:8080', 'x-twilio-signature': signature, 'i-twilio-idempotency-token': 'a' }
  return (await receiver.receive({ method: 'POST', url, headers, body: Buffer.from(body) }, () => {})).code
}

describe('the hash of the body in the URL', () => {
  const signed = `https://api.example.com/hooks?bodySHA256=${HASH}`

  it.each<[string, string | undefined, string]>([
    ['is in the whole URL', undefined, signed],
    ['stays behind an origin', 'https://api.example.com', `/hooks?bodySHA256=${HASH}`],
    ['is added to a whole public URL, as Twilio added it', 'https://api.example.com/hooks', `/v1/x?bodySHA256=${HASH}`],
    ['is not added twice', signed, `/v1/x?bodySHA256=${HASH}`],
  ])('%s', async (_, publicUrl, url) => {
    expect(await receive(signed, publicUrl, url)).toBe('ok')
    expect(await receive(signed, publicUrl, url, '{"event":"another"}')).toBe('signature_mismatch')
  })

  it('follows a query that was there before', async () => {
    const publicUrl = 'https://api.example.com/hooks?a=1'
    expect(await receive(`${publicUrl}&bodySHA256=${HASH}`, publicUrl, `/x?a=1&bodySHA256=${HASH}`)).toBe('ok')
  })

  it('is signed: nobody can add one', async () => {
    expect(
      await receive('https://api.example.com/hooks', 'https://api.example.com/hooks', `/x?bodySHA256=${HASH}`),
    ).toBe('signature_mismatch')
  })
})
