/**
 * The three cores: decimal, reorg and webhook. Stellar, schemes, adapters, stores and test fixtures have their own
 * entry points.
 *
 * @module
 */

export * from './decimal/index.ts'
export * from './reorg/index.ts'
export * from './webhook/index.ts'
