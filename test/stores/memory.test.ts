import { describe, it } from 'vitest'
import { dedupeStoreConformance } from '../../src/testing/conformance.ts'
import { memoryDedupeStore } from '../../src/webhook/index.ts'

dedupeStoreConformance('memory', () => memoryDedupeStore(), { describe, it: it.concurrent })
