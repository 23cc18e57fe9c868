// Shows what the server tells over server-sent events. Everything is written as text, never as markup: much of it comes from outside.

const KEPT = 50
const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const say = (/** @type {string} */ text) => {
  byId('news').textContent = text
}
const timeOf = (/** @type {number} */ ms) => new Date(ms).toLocaleTimeString()

/**
 * An element with these texts and elements in it.
 *
 * @param {string} tag
 * @param {string} className
 * @param {...(string | Node)} content
 */
function element(tag, className, ...content) {
  const made = document.createElement(tag)
  made.className = className
  made.append(...content)
  return made
}

/** @param {string} list @param {Node} item */
function putFirst(list, item) {
  byId(list).prepend(item)
  while (byId(list).childElementCount > KEPT) byId(list).lastElementChild?.remove()
}

/** @param {any} delivery */
function showDelivery({ at, scheme, status, code, message, deliveryId }) {
  const verdict = status < 400 ? 'accepted' : 'refused'
  const line = element(
    'p',
    '',
    element('span', `code ${status < 400 ? 'good' : 'bad'}`, `${status} ${code}`),
    ` ${verdict}, ${scheme}`,
  )
  const id = deliveryId ? `${deliveryId}, ` : ''
  putFirst('deliveries', element('li', '', line, element('p', 'soft', `${timeOf(at)} ${id}${message}`)))
}

/** @param {any} attempt */
function showAttempt({ at, endpointId, event, deliveryId, attempt, outcome, reason, statusCode, nextAt, delayMs }) {
  const isGood = outcome === 'delivered'
  const answer = statusCode ? `, answered ${statusCode}` : ''
  const next = nextAt ? `; next attempt at ${timeOf(nextAt)}, in ${(delayMs / 1000).toFixed(1)} s` : ''
  const line = element(
    'p',
    '',
    element('span', `code ${isGood ? 'good' : 'bad'}`, `${outcome} ${reason}`),
    ` attempt ${attempt} of ${event}${answer}${next}`,
  )
  putFirst(
    'attempts',
    element('li', '', line, element('p', 'soft', `${timeOf(at)} ${deliveryId} to endpoint ${endpointId}`)),
  )
}

/** @param {{ sequence: number, hash: string }[]} ledgers */
function showChain(ledgers) {
  const items = ledgers
    .slice(-20)
    .map(({ sequence, hash }) => element('li', '', element('span', 'code', String(sequence)), ` ${hash.slice(0, 8)}`))
  byId('chain').replaceChildren(...items)
}

/** @param {any} change */
function showChange({ code, effects, ledgers }) {
  showChain(ledgers)
  const back = effects.find((/** @type {any} */ { type }) => type === 'rollback')
  if (!back) return
  const undone = back.undo.map((/** @type {any} */ { sequence, hash }) =>
    element('s', '', `${sequence} ${hash.slice(0, 8)} `),
  )
  const applied = effects
    .filter((/** @type {any} */ { type }) => type === 'apply')
    .map((/** @type {any} */ { ledger }) => `${ledger.sequence} ${ledger.hash.slice(0, 8)}`)
  const line = element(
    'p',
    '',
    element('span', 'code bad', code),
    ' taken back: ',
    ...undone,
    ` then applied: ${applied.join(', ')}`,
  )
  putFirst('reorgs', element('li', '', line))
}

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
    byId('deliveries').replaceChildren()
    byId('attempts').replaceChildren()
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
await showStreams()
setInterval(showStreams, 1000)
