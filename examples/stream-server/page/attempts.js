// Deliveries out: the attempts at each delivery on a line of time, and when the next one is due.

import { byId, element, shape, timeOf } from './dom.js'

const KEPT = 20
const [WIDTH, HEIGHT, MARGIN] = [600, 44, 16]
/** The attempts by delivery and endpoint; the one that changed last is the last. @type {Map<string, any[]>} */
const deliveries = new Map()

/** @param {any} attempt */
export function showAttempt(attempt) {
  const key = `${attempt.endpointId} ${attempt.deliveryId}`
  const attempts = [...(deliveries.get(key) ?? []), attempt]
  deliveries.delete(key)
  deliveries.set(key, attempts)
  for (const [oldest] of deliveries) if (deliveries.size > KEPT) deliveries.delete(oldest)
  byId('attempts').replaceChildren(...[...deliveries.values()].reverse().map(viewDelivery))
}

export function forgetAttempts() {
  deliveries.clear()
  byId('attempts').replaceChildren()
}

/** @param {any[]} attempts */
function viewDelivery(attempts) {
  const { event, deliveryId, endpointId } = attempts[0]
  const title = element('p', '', element('span', 'code', event), ` ${deliveryId} to endpoint ${endpointId}`)
  return element('li', '', title, lineOfTime(attempts), element('ol', 'plain', ...attempts.map(viewAttempt)))
}

/** @param {any} attempt */
function viewAttempt({ at, attempt, outcome, reason, statusCode, nextAt, delayMs }) {
  const verdict = element('span', `code ${outcome === 'delivered' ? 'good' : 'bad'}`, `${outcome} ${reason}`)
  const answer = statusCode ? `, answered ${statusCode}` : ''
  const next = nextAt ? `; next attempt at ${timeOf(nextAt)}, in ${(delayMs / 1000).toFixed(1)} s` : ''
  return element('li', '', `${timeOf(at)} attempt ${attempt}: `, verdict, `${answer}${next}`)
}

/** A drawing of what the list beside it says in words. @param {any[]} attempts */
function lineOfTime(attempts) {
  const last = attempts.at(-1)
  const from = attempts[0].at
  const until = Math.max(last.at, last.nextAt ?? 0, from + 1)
  const x = (/** @type {number} */ at) => MARGIN + ((at - from) / (until - from)) * (WIDTH - 2 * MARGIN)
  const [top, y] = [0, HEIGHT / 2]
  const drawing = shape(
    'svg',
    { viewBox: `0 ${top} ${WIDTH} ${HEIGHT}`, class: 'time', 'aria-hidden': 'true' },
    shape('line', { class: 'past', x1: x(from), x2: x(last.at), y1: y, y2: y }),
    ...attempts.map(({ at, outcome }) =>
      shape('circle', { class: outcome === 'delivered' ? 'good' : 'bad', cx: x(at), cy: y, r: 8 }),
    ),
  )
  if (last.nextAt) {
    drawing.append(
      shape('line', { class: 'future', x1: x(last.at), x2: x(last.nextAt), y1: y, y2: y }),
      shape('circle', { class: 'due', cx: x(last.nextAt), cy: y, r: 8 }),
    )
  }
  return drawing
}
