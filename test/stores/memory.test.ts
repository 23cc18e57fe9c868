import { describe, it } from 'vitest'
import { dedupeStoreConformance } from '../../src/testing/conformance/dedupe-store.ts'
import { memoryDedupeStore } from '../../src/webhook/index.ts'

dedupeStoreConformance('memory', () => memoryDedupeStore(), { describe, it: it.concurrent })
