// The cells of a table as text, the same in the terminal and in the docs.

/** @typedef {{ key: string, title: string, digits?: number }} Column `digits`: at most so many after the point; three significant digits by default */

/** @returns {string[][]} the row of titles, then the other rows */
export function cellsOf({ columns, rows }) {
  return [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ key, digits }) => textOf(row[key], digits))),
  ]
}

/** True if a column holds numbers, which are aligned to the right. */
export function isNumeric({ key }, rows) {
  return rows.some((row) => typeof row[key] === 'number')
}

export function textTable({ columns, rows }) {
  const cells = cellsOf({ columns, rows })
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at].length)))
  return cells
    .map((row) =>
      row
        .map((cell, at) => (isNumeric(columns[at], rows) ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A figure as text, with at most three significant digits, and at most `digits` after the point. */
export function textOf(value, digits) {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'number') return String(value)
  const counting = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  const places = Math.min(counting, digits ?? (Number.isInteger(value) ? 0 : counting))
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places })
}
