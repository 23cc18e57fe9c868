// The page: shows what the server tells over server-sent events, and sends what the buttons say.

import { forgetAttempts, showAttempt } from './attempts.js'
import { draw, forgetChanges, showChain, showChange } from './chain.js'
import { forgetDeliveries, showDelivery } from './deliveries.js'
import { byId, element, say } from './dom.js'

/** @param {boolean} isOn */
function showOutage(isOn) {
  document.querySelector('[data-action="outage"]')?.setAttribute('aria-pressed', String(isOn))
}

async function showStreams() {
  if (document.hidden) return
  const response = await fetch('/api/streams?limit=10').catch(() => undefined)
  if (!response?.ok) return
  const { streams } = await response.json()
  byId('streams').replaceChildren(
    ...streams.map((/** @type {any} */ { id, status, accruedAmount, depositAmount }) => {
      const bar = /** @type {HTMLProgressElement} */ (element('progress', ''))
      bar.max = Number(depositAmount)
      bar.value = Number(accruedAmount)
      bar.setAttribute('aria-label', `Stream ${id}`)
      const line = element('p', '', element('span', 'code', status), ` ${accruedAmount} of ${depositAmount}`)
      return element('li', '', line, bar, element('p', 'soft', id))
    }),
  )
}

/** @param {string} path @param {unknown} [body] */
async function post(path, body) {
  const request =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(path, { method: 'POST', ...request })
  return { status: response.status, body: await response.json() }
}

for (const button of document.querySelectorAll('button')) {
  button.addEventListener('click', () => press(button).catch(() => say('The server does not answer.')))
}

/** @param {HTMLButtonElement} button */
async function press(button) {
  const { action } = button.dataset
  if (!action) return createStream()
  const { status, body } = await post(`/demo/${action}`)
  if (status !== 200) return say(`${button.textContent}: ${status} ${body.error?.code ?? ''}`)
  if (action === 'outage') return say(body.isOn ? 'The outage is on: deliveries get 503.' : 'The outage is over.')
  const { answer } = body
  const outcome = answer.error?.code ?? answer.error ?? answer.code ?? (answer.duplicate ? 'duplicate_delivery' : 'ok')
  say(`${button.textContent}: answered ${body.status} ${outcome}`)
}

async function createStream() {
  const account = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'
  const startTime = Math.floor(Date.now() / 1000)
  const terms = { sender: account, recipient: account, depositAmount: '100', ratePerSecond: '0.5', startTime }
  const { status } = await post('/api/streams', terms)
  say(`New stream: answered ${status}`)
  await showStreams()
}

const events = new EventSource('/events')
events.addEventListener('open', () => {
  byId('connection').textContent = 'Connected.'
})
events.addEventListener('error', () => {
  byId('connection').textContent = 'Not connected; trying again.'
})
/** @type {Record<string, (value: any) => void>} */
const handlers = {
  // The server tells what it remembers next, so nothing is shown twice after a reconnection.
  reset() {
    forgetDeliveries()
    forgetAttempts()
    forgetChanges()
  },
  delivery: showDelivery,
  attempt: showAttempt,
  chain: showChange,
  stream: () => void showStreams(),
  outage: ({ isOn }) => showOutage(isOn),
}
for (const [kind, handle] of Object.entries(handlers)) {
  events.addEventListener(kind, (event) => handle(JSON.parse(event.data)))
}

const first = await fetch('/demo').catch(() => undefined)
if (first?.ok) {
  const { outage, ledgers } = await first.json()
  showOutage(outage)
  showChain(ledgers)
}
addEventListener('resize', draw)
await showStreams()
setInterval(showStreams, 1000)
