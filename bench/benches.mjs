// The benchmarks, in the order in which they run and are reported. Each is in the file of the same name.

export const benches = [
  { name: 'verify' },
  { name: 'refusals' },
  { name: 'webcrypto' },
  { name: 'receiver' },
  { name: 'scaling' },
  // A young generation so large that it never fills up: see heap.mjs.
  { name: 'heap', flags: ['--min-semi-space-size=256', '--max-semi-space-size=256'] },
  { name: 'decimal' },
  { name: 'reorg' },
  { name: 'stores' },
  { name: 'sending' },
  { name: 'load' },
  { name: 'import' },
  { name: 'size' },
]
