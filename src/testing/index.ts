/**
 * Fixtures for the tests of those who use this library: fast-check arbitraries of amounts, deliveries, headers and chains, signed test
 * requests and a sender, a clock, and the conformance suite of dedupe stores. Needs fast-check 4 beside it.
 *
 * @module
 */
export { type FakeClock, fakeClock } from './clock.ts'
export {
  type LedgerIdentities,
  type LedgerIndexer,
  type LedgerModel,
  type ReorgCommandsConstraints,
  reorgCommands,
} from './commands.ts'
export { type ConformanceRunner, dedupeStoreConformance } from './conformance.ts'
export {
  amountUnits,
  type DecimalConstraints,
  type DecimalStringConstraints,
  decimalString,
  type InvalidDecimal,
  invalidDecimal,
  invalidDecimalString,
  streamTerms,
} from './decimals.ts'
export { type SignedDelivery, type SignedDeliveryConstraints, signedDelivery, webhookBody } from './deliveries.ts'
export { type HeaderBagConstraints, type HeaderBagKind, headerBag } from './headers.ts'
export { type LedgerChain, type LedgerChainConstraints, ledgerChain } from './ledgers.ts'
export {
  type FetchApplication,
  type FetchHandler,
  type InjectableApplication,
  type ListeningApplication,
  type SendTestDeliveryOptions,
  sendTestDelivery,
  type TestTarget,
} from './sender.ts'
export { type SignTestDeliveryInput, signTestDelivery, type TestDelivery } from './sign.ts'
export { type TamperedDelivery, type TamperedDeliveryConstraints, tamperedDelivery } from './tampered.ts'
export type { TamperedCode } from './tamperings.ts'
