// White space in JSON as serialisers write it. Only the space between tokens changes: digits, escapes, order and duplicates are kept.

import type { Token } from './tokens.ts'

/** A style of white space. */
export interface Layout {
  /** For a finding: `white space of Python's json.dumps`. */
  readonly name: string
  write(tokens: readonly Token[]): string
}

/** The common ones first. */
export const LAYOUTS: readonly Layout[] = /* @__PURE__ */ Object.freeze([
  oneLine('no white space (JSON.stringify)', ',', ':'),
  oneLine('a space after commas and colons (Python)', ', ', ': '),
  indented('two spaces a level', '  '),
  indented('four spaces a level', '    '),
  indented('a tab a level', '\t'),
  oneLine('a space after colons', ',', ': '),
  oneLine('a space after commas', ', ', ':'),
  indented('one space a level', ' '),
  indented('three spaces a level', '   '),
  indented('two spaces a level, CRLF', '  ', { lineBreak: '\r\n' }),
  indented('four spaces a level, CRLF', '    ', { lineBreak: '\r\n' }),
  indented('a tab a level, CRLF', '\t', { lineBreak: '\r\n' }),
  indented('two spaces a level, a space before colons', '  ', { colon: ' : ' }),
  jackson('two spaces a level, arrays on one line (Jackson)'),
])

function oneLine(name: string, comma: string, colon: string): Layout {
  const gaps = new Map([
    [',', comma],
    [':', colon],
  ])
  return { name, write: (tokens) => tokens.map((token) => gaps.get(token) ?? token).join('') }
}

function indented(name: string, indent: string, { lineBreak = '\n', colon = ': ' } = {}): Layout {
  return {
    name,
    write(tokens) {
      const out: string[] = []
      let depth = 0
      const breakLine = (): void => void out.push(lineBreak, indent.repeat(depth))
      for (const [at, token] of tokens.entries()) {
        if (isClosing(token)) {
          depth--
          if (!isOpening(tokens[at - 1])) breakLine()
          out.push(token)
        } else if (token === ':') out.push(colon)
        else {
          out.push(token)
          if (isOpening(token)) depth++
          if (token === ',' || (isOpening(token) && !isClosing(tokens[at + 1]))) breakLine()
        }
        if (depth > MAX_DEPTH) return ''
      }
      return out.join('')
    },
  }
}

/** The default pretty printer of Jackson (Java): `{ }` and `[ ]`, `"a" : 1`, and arrays within one line. */
function jackson(name: string): Layout {
  return {
    name,
    write(tokens) {
      const out: string[] = []
      const open: Token[] = []
      const breakLine = (): void => void out.push('\n', '  '.repeat(open.filter((bracket) => bracket === '{').length))
      for (const [at, token] of tokens.entries()) {
        const isEmpty = isOpening(tokens[at - 1])
        if (isClosing(token)) {
          open.pop()
          if (token === '}' && !isEmpty) breakLine()
          else out.push(' ')
          out.push(token)
        } else if (token === ':') out.push(' : ')
        else if (token === ',') {
          out.push(token)
          if (open.at(-1) === '{') breakLine()
          else out.push(' ')
        } else {
          out.push(token)
          if (isOpening(token)) open.push(token)
          if (token === '{' && tokens[at + 1] !== '}') breakLine()
          if (token === '[' && tokens[at + 1] !== ']') out.push(' ')
        }
        if (open.length > MAX_DEPTH) return ''
      }
      return out.join('')
    },
  }
}

/** Nobody indents more than this, and a body that is all brackets would grow by its square. */
const MAX_DEPTH = 64

function isOpening(token: Token | undefined): boolean {
  return token === '{' || token === '['
}

function isClosing(token: Token | undefined): boolean {
  return token === '}' || token === ']'
}
