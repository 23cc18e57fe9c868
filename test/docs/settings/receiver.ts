import { ServerResponse, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect } from 'vitest'
import { signTestDelivery } from '@fluxora/verify/testing'
import { credited, credit } from '../support.ts'

process.env.WEBHOOK_SECRET = 'topsecret'
const { headers, body } = signTestDelivery({ secret: 'topsecret', body: '{"id":"evt_4"}' })
const response = new ServerResponse(new IncomingMessage(new Socket()))
const reports: unknown[] = []
const log = { info: (report: unknown): void => void reports.push(report) }
//// block

expect(outcome.code).toBe('ok')
expect(credited).toContainEqual({ id: 'evt_4' })
expect(reports).toMatchObject([{ code: 'ok' }])
