// What `import '@fluxora/verify'` gives: the three cores, and no more. Schemes, adapters and stores have entries of their own.

export * from './decimal/index.ts'
export * from './reorg/index.ts'
export * from './webhook/index.ts'
