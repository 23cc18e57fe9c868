/**
 * The part of `./testing` that needs nothing installed: signed test requests and a way to send them, a clock, an endpoint to send to, and the
 * conformance kit for dedupe stores.
 *
 * @module
 */

export { type FakeClock, fakeClock } from './clock.ts'
export { type ConformanceRunner, dedupeStoreConformance } from './conformance/dedupe-store.ts'
export type { TestDelivery } from './draft.ts'
export { type FakeAnswer, type FakeEndpoint, type FakeRequest, fakeEndpoint } from './fake-endpoint.ts'
export {
  type FetchApplication,
  type FetchHandler,
  type InjectableApplication,
  type ListeningApplication,
  type SendTestDeliveryOptions,
  sendTestDelivery,
  type TestTarget,
} from './send.ts'
export { type SignTestDeliveryInput, signTestDelivery } from './sign.ts'
