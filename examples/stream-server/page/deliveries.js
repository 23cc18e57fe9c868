// Deliveries in: each with its verdict, its request as curl, and what differs between two of them.

import { button, byId, element, say, timeOf } from './dom.js'

const KEPT = 50
/** The deliveries that are chosen for a comparison, at most two. @type {{ delivery: any, chooser: HTMLElement }[]} */
let chosen = []

/** @param {any} delivery */
export function showDelivery(delivery) {
  const { at, scheme, status, code, message, deliveryId, request } = delivery
  const isGood = status < 400
  const verdict = element('span', `code ${isGood ? 'good' : 'bad'}`, `${status} ${code}`)
  const line = element('p', '', verdict, ` ${isGood ? 'accepted' : 'refused'}, ${scheme}`)
  const id = deliveryId ? `${deliveryId}, ` : ''
  const item = element('li', '', line, element('p', 'soft', `${timeOf(at)} ${id}${message}`))
  if (delivery.findings) item.append(diagnosisOf(delivery.findings))
  if (request) item.append(requestOf(delivery))
  byId('deliveries').prepend(item)
  while (byId('deliveries').childElementCount > KEPT) byId('deliveries').lastElementChild?.remove()
}

export function forgetDeliveries() {
  chosen = []
  byId('deliveries').replaceChildren()
}

/** @param {{ certainty: string, message: string, fix: string }[]} findings */
const diagnosisOf = (findings) =>
  element(
    'ul',
    'findings',
    ...findings.map(({ certainty, message, fix }) =>
      element('li', '', element('span', 'code', certainty), ` ${message} ${fix}`),
    ),
  )

/** @param {any} delivery */
function requestOf(delivery) {
  const text = curlOf(delivery.request)
  const copy = button('Copy as curl', () =>
    navigator.clipboard.writeText(text).then(
      () => say('Copied as curl.'),
      () => say('The browser does not let this page copy. The command is under "The request".'),
    ),
  )
  const chooser = button('Compare', () => choose(delivery, chooser))
  chooser.setAttribute('aria-pressed', 'false')
  const details = element('details', '', element('summary', '', 'The request'), element('pre', '', text))
  return element('div', '', element('div', 'buttons', copy, chooser), details)
}

/** @param {any} delivery @param {HTMLElement} chooser */
function choose(delivery, chooser) {
  const isChosen = chosen.some((one) => one.chooser === chooser)
  chosen = isChosen ? chosen.filter((one) => one.chooser !== chooser) : [...chosen.slice(-1), { delivery, chooser }]
  for (const other of document.querySelectorAll('#deliveries [aria-pressed]')) {
    other.setAttribute('aria-pressed', String(chosen.some((one) => one.chooser === other)))
  }
  const [first, second] = chosen
  if (!first || !second) {
    byId('difference').replaceChildren()
    return say(first ? 'Choose a second delivery to compare it with.' : 'Nothing is chosen.')
  }
  const rows = differences(first.delivery, second.delivery)
  byId('difference').replaceChildren(...rows)
  say(rows.length === 0 ? 'The two are the same.' : 'What differs is under "Difference".')
}

/** What differs, part by part. @param {any} before @param {any} after */
function differences(before, after) {
  const [left, right] = [partsOf(before), partsOf(after)]
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])]
  return names
    .filter((name) => left[name] !== right[name])
    .flatMap((name) => {
      const { old, young } = marked(left[name] ?? '', right[name] ?? '')
      const values = [element('del', '', ...old), element('ins', '', ...young)]
      return [element('dt', '', name), ...values.map((value) => element('dd', '', value))]
    })
}

/** @param {any} delivery @returns {Record<string, string>} */
const partsOf = ({ status, code, request: { path, headers, body } }) => ({
  verdict: `${status} ${code}`,
  address: path,
  ...headers,
  body: body ?? '(not kept)',
})

/**
 * Both texts, with the part that differs marked: between what they share at their starts and at their ends.
 *
 * @param {string} left
 * @param {string} right
 */
function marked(left, right) {
  const shorter = Math.min(left.length, right.length)
  let start = 0
  while (start < shorter && left[start] === right[start]) start++
  let end = 0
  while (end < shorter - start && left.at(-1 - end) === right.at(-1 - end)) end++
  const parts = (/** @type {string} */ text) => [
    text.slice(0, start),
    element('mark', '', text.slice(start, text.length - end)),
    text.slice(text.length - end),
  ]
  return { old: parts(left), young: parts(right) }
}

/** @param {{ method: string, path: string, headers: Record<string, string>, body: string | null }} request */
function curlOf({ method, path, headers, body }) {
  const quote = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`
  const lines = [`curl -sS -X ${method} ${quote(location.origin + path)}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`-H ${quote(`${name}: ${value}`)}`)
  if (body !== null) lines.push(`--data-binary ${quote(body)}`)
  return lines.join(' \\\n  ')
}
