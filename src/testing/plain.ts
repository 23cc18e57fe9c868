/**
 * The part of `./testing` that needs nothing installed: signed test requests and a way to send them, a clock, an endpoint to send to, and the
 * conformance kits for dedupe stores and delivery logs.
 *
 * @module
 */

export { type FakeClock, fakeClock } from './clock.ts'
export { dedupeStoreConformance } from './conformance/dedupe-store.ts'
export { deliveryLogConformance } from './conformance/delivery-log.ts'
export type { ConformanceRunner } from './conformance/runner.ts'
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
