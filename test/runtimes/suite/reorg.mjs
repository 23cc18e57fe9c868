// ./reorg: pure. Any host.

import { createReorgState, parseReorgState, serializeReorgState, stepReorg } from '@fluxora/verify/reorg'
import { same, test } from './harness.mjs'

const ledger = (sequence, branch = 'a', parent = branch) => ({
  sequence,
  hash: `${branch}${sequence}`,
  parentHash: `${parent}${sequence - 1}`,
})

test('reorg: one branch is rolled back and another applied', () => {
  let state = createReorgState()
  const canonical = []
  const feed = (ledgers) => {
    const step = stepReorg(state, { type: 'ledgers', ledgers })
    state = parseReorgState(serializeReorgState(step.state))
    for (const effect of step.effects) {
      if (effect.type === 'apply') canonical.push(effect.ledger.hash)
      if (effect.type === 'rollback') canonical.length -= effect.undo.length
    }
    return step
  }
  feed([ledger(1), ledger(2), ledger(3), ledger(4)])
  same(canonical, ['a1', 'a2', 'a3', 'a4'])
  feed([ledger(3, 'b', 'a'), ledger(4, 'b'), ledger(5, 'b')])
  same(canonical, ['a1', 'a2', 'b3', 'b4', 'b5'])
  same(
    feed([ledger(5, 'b')]).effects.filter(({ type }) => type === 'apply'),
    [],
  )
})
