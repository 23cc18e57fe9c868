import { createServer } from 'node:http'
import { expect } from 'vitest'
import { sendTestDelivery, signTestDelivery } from '@fluxora/verify/testing'
import { credit } from '../support.ts'

process.env.WEBHOOK_SECRET = 'the-new-one'
process.env.FORMER_SECRET = 'the-old-one'
const reports: unknown[] = []
const log = { info: (report: unknown): void => void reports.push(report) }
//// block

const server = createServer(webhooks)
for (const secret of ['the-new-one', 'the-old-one', 'another']) {
  await sendTestDelivery(server, signTestDelivery({ secret, body: '{}' }))
}
server.close()
expect(reports).toEqual([
  { code: 'ok', keyId: '2026-11' },
  { code: 'previous_secret_expired', keyId: undefined },
  { code: 'signature_mismatch', keyId: undefined },
])
