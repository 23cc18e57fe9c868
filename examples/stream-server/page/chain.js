// The chain: the newest ledgers in a row, and under each the ledgers that it replaced.

import { byId, element, shape } from './dom.js'

const [COLUMN, ROW, WIDTH, HEIGHT] = [84, 52, 68, 40]
const REPLACED_KEPT = 60
/** @typedef {{ sequence: number, hash: string }} Ledger */
/** @type {Ledger[]} */
let canonical = []
/** @type {Ledger[]} */
let replaced = []

/** @param {Ledger[]} ledgers */
export function showChain(ledgers) {
  canonical = ledgers.slice(-20)
  const items = canonical.map(({ sequence, hash }) =>
    element('li', '', element('span', 'code', String(sequence)), ` ${short(hash)}`),
  )
  byId('chain').replaceChildren(...items)
  draw()
}

/** @param {any} change */
export function showChange({ code, effects, ledgers }) {
  const back = effects.find((/** @type {any} */ { type }) => type === 'rollback')
  if (back) {
    replaced = [...replaced, ...back.undo].slice(-REPLACED_KEPT)
    showReorg(code, back.undo, effects)
  }
  showChain(ledgers)
}

export function forgetChanges() {
  replaced = []
  byId('reorgs').replaceChildren()
}

/** @param {string} code @param {Ledger[]} undo @param {any[]} effects */
function showReorg(code, undo, effects) {
  const undone = undo.map(({ sequence, hash }) => element('s', '', `${sequence} ${short(hash)} `))
  const applied = effects
    .filter(({ type }) => type === 'apply')
    .map(({ ledger }) => `${ledger.sequence} ${short(ledger.hash)}`)
  const said = ` then applied: ${applied.join(', ')}`
  const line = element('p', '', element('span', 'code bad', code), ' taken back: ', ...undone, said)
  byId('reorgs').prepend(element('li', '', line))
}

const short = (/** @type {string} */ hash) => hash.slice(0, 6)

/** As many columns as there is room for. The lists beside it say the same in words. */
export function draw() {
  const drawing = byId('drawing')
  const room = Math.max(3, Math.floor(drawing.clientWidth / COLUMN))
  const shown = canonical.slice(-room)
  const columns = new Map(shown.map(({ sequence }, column) => [sequence, column]))
  const below = replaced.filter(({ sequence }) => columns.has(sequence))
  /** @type {Map<number, number>} */
  const depths = new Map()
  const places = below.map((ledger) => {
    const row = (depths.get(ledger.sequence) ?? 0) + 1
    depths.set(ledger.sequence, row)
    return { ledger, column: columns.get(ledger.sequence) ?? 0, row }
  })
  const rows = 1 + Math.max(0, ...depths.values())
  const picture = shape('svg', {
    width: Math.max(1, shown.length * COLUMN),
    height: rows * ROW,
    'aria-hidden': 'true',
  })
  for (const { column, row } of places) if (column > 0) picture.append(link(column - 1, 0, column, row, 'fork'))
  shown.forEach(({ sequence }, column) => {
    const isLinked = column > 0 && shown[column - 1]?.sequence === sequence - 1
    if (isLinked) picture.append(link(column - 1, 0, column, 0, 'link'))
  })
  shown.forEach((ledger, column) => {
    picture.append(...block(ledger, column, 0, 'ledger'))
  })
  for (const { ledger, column, row } of places) picture.append(...block(ledger, column, row, 'replaced'))
  drawing.replaceChildren(picture)
}

/** @param {number} fromColumn @param {number} fromRow @param {number} toColumn @param {number} toRow @param {string} kind */
const link = (fromColumn, fromRow, toColumn, toRow, kind) =>
  shape('line', {
    class: kind,
    x1: fromColumn * COLUMN + WIDTH,
    y1: fromRow * ROW + HEIGHT / 2,
    x2: toColumn * COLUMN,
    y2: toRow * ROW + HEIGHT / 2,
  })

/** @param {Ledger} ledger @param {number} column @param {number} row @param {string} kind */
function block({ sequence, hash }, column, row, kind) {
  const [x, y] = [column * COLUMN, row * ROW]
  const middle = x + WIDTH / 2
  return [
    shape('rect', { class: kind, x: x + 1, y: y + 1, width: WIDTH - 2, height: HEIGHT - 2, rx: 6 }),
    shape('text', { class: kind, x: middle, y: y + 17 }, String(sequence)),
    shape('text', { class: `${kind} hash`, x: middle, y: y + 32 }, short(hash)),
  ]
}
