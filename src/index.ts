// What `import '@fluxora/verify'` gives: the three cores, and no more. Schemes, adapters and stores have entries of their own.

export * from './webhook/index.ts'
