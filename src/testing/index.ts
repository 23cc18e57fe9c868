/**
 * Fixtures for your own tests: fast-check arbitraries of amounts, deliveries, headers and chains, signed test requests and a way to send
 * them, a clock, and the conformance kits for dedupe stores and delivery logs. Needs the peer dependency fast-check 4.
 *
 * @module
 */

export { webhookBody } from './arbitraries/bodies.ts'
export type { LedgerChainConstraints } from './arbitraries/chain-options.ts'
export {
  type LedgerIdentities,
  type LedgerIndexer,
  type LedgerModel,
  type ReorgCommandsConstraints,
  reorgCommands,
} from './arbitraries/commands.ts'
export {
  amountUnits,
  type DecimalConstraints,
  type DecimalStringConstraints,
  decimalString,
} from './arbitraries/decimals.ts'
export { type SignedDelivery, signedDelivery } from './arbitraries/deliveries.ts'
export type { SignedDeliveryConstraints } from './arbitraries/delivery-options.ts'
export { type HeaderBagConstraints, type HeaderBagKind, headerBag } from './arbitraries/headers.ts'
export { type InvalidDecimal, invalidDecimal, invalidDecimalString } from './arbitraries/invalid-decimals.ts'
export { type LedgerChain, ledgerChain } from './arbitraries/ledgers.ts'
export { streamTerms } from './arbitraries/stream-terms.ts'
export { type TamperedDelivery, type TamperedDeliveryConstraints, tamperedDelivery } from './arbitraries/tampered.ts'
export type { TamperedCode } from './arbitraries/tamperings/by-code.ts'
export * from './plain.ts'
