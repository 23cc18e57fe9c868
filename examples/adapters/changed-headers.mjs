/**
 * An Express route behind `express.raw({ type: '*\/*' })`, for headers that differ from the received ones: the receiver uses the headers
 * that you pass.
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
