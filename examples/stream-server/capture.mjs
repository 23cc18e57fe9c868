// What the page shows of a delivery beside its verdict: the request itself. Kept for the time of one request, then told and forgotten.

import { AsyncLocalStorage } from 'node:async_hooks'

const MAX_BODY_BYTES = 8 * 1024
/** Headers that say something about the connection and not about the delivery. */
const LEFT_OUT =
  /^(?:host|connection|content-length|transfer-encoding|accept.*|user-agent|sec-.*|cookie|authorization)$/

/**
 * @typedef {{ report?: object, body?: Uint8Array, isOver?: boolean }} Call
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
    const { report, body } = calls.getStore() ?? {}
    if (report) tell({ ...report, request: viewRequest(request, body) })
  })

  /** @param {Partial<Call>} known */
  const note = (known) => void Object.assign(calls.getStore() ?? {}, known)
  return {
    note,
    /** The adapter tells its explainer of each refusal that does not say why, with the body as it came. */
    explainer: { consider: (/** @type {{ body: Uint8Array }} */ { body }) => note({ body }) },
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
