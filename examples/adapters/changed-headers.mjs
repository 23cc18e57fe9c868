/**
 * A route of Express behind `express.raw({ type: '*\/*' })`, for headers that are not as they were received: the receiver sees those that it
 * is handed.
 *
 * @param {import('@fluxora/verify/webhook').WebhookReceiver} receiver
 * @param {import('@fluxora/verify/webhook').WebhookHandler} handle
 * @returns {import('express').RequestHandler}
 */
export function receiveChanged(receiver, handle) {
  return async (req, res) => {
    const headers = { ...req.headers, 'x-fluxora-delivery-id': req.headers['x-gateway-delivery'] }
    const outcome = await receiver.receive({ method: req.method, headers, body: req.body }, handle)
    const { status, code, message } = outcome
    res.status(status).set(outcome.headers)
    res.json(status < 400 ? { ok: true } : { error: code, message })
  }
}
