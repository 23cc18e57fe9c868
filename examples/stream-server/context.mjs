// What the routes share.

/**
 * @typedef {object} Shared
 * @property {import('./settings.mjs').Settings} settings
 * @property {import('./storage/open.mjs').Storage} storage
 * @property {() => number} now Unix seconds
 * @property {ReturnType<typeof import('./metrics.mjs').createMetrics>} metrics
 * @property {(kind: string, value: unknown) => void} publish tells the pages that are open
 * @property {{ isOn: boolean }} outage
 */
/** @typedef {Shared & { outbox: ReturnType<typeof import('./outgoing.mjs').createOutgoing> }} Context */

export {}
