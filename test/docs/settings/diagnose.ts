import { createHmac } from 'node:crypto'
import { expect } from 'vitest'

process.env.GITHUB_WEBHOOK_SECRET = 'topsecret'
const signed = JSON.stringify({ zen: 'Design for failure.' }, null, 2)
const signature = createHmac('sha256', 'topsecret').update(signed).digest('hex')
const request = { headers: { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': 'd1' } }
const rawBody = JSON.stringify(JSON.parse(signed))
//// block

expect(verdict.code).toBe('signature_mismatch')
expect(findings.map(({ code, certainty, secretId }) => [code, certainty, secretId])).toEqual([
  ['body_reserialized', 'proven', 'main'],
])
expect(excluded.complete).toBe(true)
