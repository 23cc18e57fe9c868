/**
 * Stellar: keys and addresses as text (StrKey, SEP-23), the file that says who you are (stellar.toml, SEP-1), and ledger headers.
 *
 * @module
 */
export { FluxoraError } from '../shared/fluxora-error.ts'
export { isStellarError, StellarError, type StellarErrorCode } from './errors.ts'
export { checkStellarHeader, type StellarHeaderCheck } from './ledger-header.ts'
export {
  decodeStrKey,
  encodeStrKey,
  isStellarPublicKey,
  type StrKeyExtra,
  type StrKeyKind,
  type StrKeyReason,
  type StrKeyResult,
} from './strkey.ts'
export { checkStellarToml } from './toml/check.ts'
export { STELLAR_TOML_HEADERS } from './toml/headers.ts'
export type { TomlProblem, TomlProblemCode } from './toml/problems.ts'
export { type StellarTomlResult, type StellarTomlSettings, writeStellarToml } from './toml/write.ts'
