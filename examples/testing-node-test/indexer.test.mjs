// Run by `node --test examples/testing-node-test/*.test.mjs`, after a build.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dedupeStoreConformance, ledgerChain, reorgCommands } from '@fluxora/verify/testing'
import { memoryDedupeStore } from '@fluxora/verify/webhook'
import fc from 'fast-check'
import { createIndexer, createStore } from './indexer.mjs'

describe('the indexer', () => {
  it("holds the provider's chain, whatever the provider does, and across restarts", async () => {
    await fc.assert(
      fc.asyncProperty(reorgCommands(), (commands) =>
        fc.asyncModelRun(() => {
          const store = createStore()
          let indexer = createIndexer(store)
          const real = {
            take: (/** @type {Parameters<typeof indexer.take>[0]} */ event) => indexer.take(event),
            ledgers: () => indexer.ledgers(),
            restart() {
              indexer = createIndexer(store)
            },
          }
          return { model: { ledgers: [] }, real }
        }, commands),
      ),
    )
  })

  it('ends where the provider ends', () => {
    fc.assert(
      fc.property(ledgerChain({ maxForkDepth: 20, maxMoves: 50 }), ({ events, ledgers }) => {
        const indexer = createIndexer(createStore())
        for (const event of events) indexer.take(event)
        assert.deepEqual(indexer.ledgers(), ledgers)
      }),
    )
  })
})

// Pass your own dedupe store here; this example tests the library's.
dedupeStoreConformance('the memory store', () => memoryDedupeStore(), { describe, it })
