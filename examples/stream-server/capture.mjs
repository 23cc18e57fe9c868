// What the page shows of a delivery beside its verdict: the request itself, and if it was refused, why. Kept for the time of one request, then
// told and forgotten.

import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import { diagnoseDelivery } from '@fluxora/verify/diagnose'
import { explainWith } from '@fluxora/verify/fastify'

const MAX_BODY_BYTES = 8 * 1024
/** Headers that say something about the connection and not about the delivery. */
const LEFT_OUT =
  /^(?:host|connection|content-length|transfer-encoding|accept.*|user-agent|sec-.*|cookie|authorization)$/

/** A diagnosis of these examples takes milliseconds. One that is passed over, since there are many, never comes. */
const PATIENCE_MS = 1000

/**
 * @typedef {{ report?: object, body?: Uint8Array, diagnosis?: Promise<object>, diagnosed?: (found: object) => void }} Call
 */

/**
 * Notes the verdict on each request of a scope, and its body as far as it was read, and tells both once the request is over.
 *
 * @param {import('fastify').FastifyInstance} scope
 * @param {(delivery: object) => void} tell
 */
export function captureDeliveries(scope, tell) {
  /** @type {AsyncLocalStorage<Call>} */
  const calls = new AsyncLocalStorage()
  scope.addHook('onRequest', (_request, _reply, next) => calls.run({}, next))
  scope.addHook('onResponse', async (request) => {
    // The sender has its answer by now. Findings are for operators, and never for a sender.
    const { report, body, diagnosis } = calls.getStore() ?? {}
    if (!report) return
    const found = diagnosis && (await Promise.race([diagnosis, setTimeout(PATIENCE_MS)]))
    tell({ ...report, ...found, request: viewRequest(request, body) })
  })

  /** @param {Partial<Call>} known */
  const note = (known) => void Object.assign(calls.getStore() ?? {}, known)
  const diagnose = explainWith(diagnoseDelivery, {
    perMinute: 60,
    maxHashedBytes: 2_097_152,
    onDiagnosis: ({ findings }) => calls.getStore()?.diagnosed?.({ findings }),
  })
  return {
    note,
    /**
     * The adapter tells its explainer of each refusal that does not say why, with the body as it came.
     *
     * @type {import('@fluxora/verify/fastify').WebhookExplainer}
     */
    explainer: {
      consider(refused) {
        const diagnosis = new Promise((resolve) => note({ body: refused.body, diagnosed: resolve }))
        note({ diagnosis })
        diagnose.consider(refused)
      },
    },
  }
}

/** @param {import('fastify').FastifyRequest} request @param {Uint8Array | undefined} body */
function viewRequest({ method, url, headers }, body) {
  const told = Object.entries(headers).filter(([name]) => !LEFT_OUT.test(name))
  return { method, path: url, headers: Object.fromEntries(told), body: textOf(body) }
}

/** Null if it was not read, is long, or is no text. @param {Uint8Array | undefined} body */
function textOf(body) {
  if (!body || body.length > MAX_BODY_BYTES) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}
