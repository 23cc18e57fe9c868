// The long decimal test: the differential test on a million random and damaged texts (or as many as the first argument says). Uses a new
// seed unless FLUXORA_SEED is set.

import { runTests } from '../shared/repository.mjs'

const texts = process.argv[2] ?? '1000000'
runTests(['test/decimal/differential.property.test.ts'], { DECIMAL_SOAK: texts })
