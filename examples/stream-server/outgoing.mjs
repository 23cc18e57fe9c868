// Outgoing deliveries need the sender: they come with it.

/** @param {import('./context.mjs').Shared} _shared @param {import('fastify').FastifyBaseLogger} _log */
export function createOutgoing(_shared, _log) {
  return {
    announce: async (/** @type {unknown[]} */ ..._event) => {},
    wake() {},
    start() {},
    async stop() {},
  }
}
export function outgoingRoutes() {}
