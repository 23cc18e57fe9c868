// Where an adapter says what is the application's to mend: to the framework's own logger, where a request has one.

import type { ReceiveCall } from '../../webhook/receiving/receiver.ts'

/** What pino-http, Fastify and bunyan put on a request. */
interface Logger {
  readonly level?: unknown
  error(fields: object, message: string): void
  info?(fields: object, message: string): void
}

/** A log over `request.log`; undefined where there is none, and `console.error` is used. */
export function logOf(request: object): ReceiveCall['log'] {
  const { log: logger } = request as { log?: Logger }
  if (typeof logger?.error !== 'function' || isNone(logger)) return undefined
  return (message, { code, problem, scheme, deliveryId, error }) => {
    logger.error({ err: error, webhook: { code, problem, scheme, deliveryId } }, message)
  }
}

/** What Fastify puts on requests where its `logger` is off, as it is by default: one function in all places, that does nothing. */
function isNone({ level, error, info }: Logger): boolean {
  return level === undefined && error === info
}
