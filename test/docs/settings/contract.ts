import express from 'express'
import { expect } from 'vitest'
import { createWebhookSigner } from '@fluxora/verify/webhook'

process.env.FLUXORA_WEBHOOK_SECRET = 'topsecret'
const rawBody = Buffer.from('{}')
const request = { headers: createWebhookSigner({ secrets: 'topsecret' }).sign({ body: rawBody }) } as unknown as express.Request
const seen = new Set<string>()
//// block

expect(verification.code).toBe('ok')
