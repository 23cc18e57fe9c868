// What instructions.mjs counts: `node instructions-work.mjs NAME CALLS` makes so many calls of one kind. All that they need is made before, as
// much for a few calls as for many, so that it is not in the difference.

import { fileURLToPath } from 'node:url'
import { createWebhookReceiver, createWebhookSigner, createWebhookVerifier } from '@fluxora/verify'
import { parseDecimal, STELLAR_AMOUNT } from '@fluxora/verify/decimal'
import { createReorgState, stepReorg } from '@fluxora/verify/reorg'
import { bodyOf, headersOf, SECRET } from './payloads.mjs'

const MOST_CALLS = 30_000
const NOW = 1_788_210_000
const now = () => NOW
const secrets = SECRET

export const WORK = { verify, receive, stepReorg: follow, parseDecimal: read }

function signed(body, deliveryId) {
  const headers = createWebhookSigner({ secrets, now }).sign({
    body,
    deliveryId,
    event: 'stream.updated',
    timestamp: NOW,
  })
  // As text in one piece, which is how a server gives them.
  return JSON.parse(JSON.stringify(headersOf(body, headers)))
}

/** One delivery of 256 bytes. */
function verify() {
  const body = bodyOf(256)
  const headers = signed(body, 'msg_1')
  const verifier = createWebhookVerifier({ secrets, now })
  return () => {
    if (!verifier.verify({ headers, body }).ok) throw new Error('refused')
  }
}

/** New deliveries of 256 bytes, with the memory store. */
function receive() {
  const deliveries = Array.from({ length: MOST_CALLS }, (_, i) => {
    const id = `msg_${String(i).padStart(6, '0')}`
    const body = bodyOf(256, id)
    return { body, headers: signed(body, id) }
  })
  const receiver = createWebhookReceiver({ secrets, now, maxConcurrent: 1 })
  return async (i) => {
    const outcome = await receiver.receive(deliveries[i], () => {})
    if (outcome.code !== 'ok') throw new Error(outcome.code)
  }
}

/** One ledger on top of the last. */
function follow() {
  const hashOf = (sequence) => sequence.toString(16).padStart(64, '0')
  const ledgers = Array.from({ length: MOST_CALLS }, (_, i) => ({
    sequence: i + 1,
    hash: hashOf(i + 1),
    parentHash: hashOf(i),
  }))
  let state = createReorgState({ history: 128, finalityDepth: 64, gapPolicy: 'need' })
  return (i) => {
    const step = stepReorg(state, { type: 'ledgers', ledgers: [ledgers[i]] })
    if (!step.ok) throw new Error(step.code)
    state = step.state
  }
}

/** One Stellar amount. */
function read() {
  const amounts = Array.from({ length: 1000 }, (_, i) => `${i + 1}.${String(i).padStart(7, '0')}`)
  return (i) => {
    if (!parseDecimal(amounts[i % 1000], STELLAR_AMOUNT).ok) throw new Error('refused')
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, calls] = process.argv.slice(2)
  const call = WORK[name]()
  for (let i = 0; i < Number(calls); i++) {
    const promise = call(i)
    if (promise) await promise // to wait for nothing would cost more than parseDecimal
  }
}
