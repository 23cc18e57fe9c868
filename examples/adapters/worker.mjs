import { createWebhookRoute } from '@fluxora/verify/fetch'

/** @type {((request: Request) => Promise<Response>) | undefined} */
let route // created on the first request, which brings the secret

const worker = {
  /**
   * @param {Request} request
   * @param {{ WEBHOOK_SECRET: string }} env
   */
  fetch(request, env) {
    route ??= createWebhookRoute({ secrets: env.WEBHOOK_SECRET /* , dedupe: a shared store */ }, async (delivery) => {
      console.log('once', delivery.deliveryId, delivery.json())
    })
    return route(request)
  },
}

// biome-ignore lint/style/noDefaultExport: what a Worker is
export default worker
