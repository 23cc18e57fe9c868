// JSON as it was written: every string and number keeps its own characters, and members keep their order and their duplicates.

/** The text of one token, without the white space around it. */
export type Token = string

/** What a text is, as JSON. */
export type ReadTokens =
  | {
      readonly kind: 'json'
      readonly tokens: readonly Token[]
      /** Where each token begins in the text, in UTF-16 units. */
      readonly starts: readonly number[]
    }
  /** It begins like an object or a list, and ends before that does. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'other' }

/** Splits a text into the tokens of JSON. It costs a small multiple of the text, however deeply that is nested. */
export function readTokens(text: string): ReadTokens {
  const tokens: Token[] = []
  const starts: number[] = []
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const end = endOfToken(text, at)
    if (end === undefined) return looksCut([...tokens, '"']) ? { kind: 'cut' } : { kind: 'other' }
    tokens.push(text.slice(at, end))
    starts.push(at)
    at = end
  }
  try {
    JSON.parse(text)
    return { kind: 'json', tokens, starts }
  } catch {
    return looksCut(tokens) ? { kind: 'cut' } : { kind: 'other' }
  }
}

const SPACE = /[ \t\n\r]*/y
const WORD = /[^ \t\n\r{}[\],:"]+/y

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at
  SPACE.test(text)
  return SPACE.lastIndex
}

/** Undefined for a string without an end. */
function endOfToken(text: string, at: number): number | undefined {
  const first = text.charAt(at)
  if ('{}[],:'.includes(first)) return at + 1
  if (first === '"') return endOfString(text, at + 1)
  WORD.lastIndex = at
  WORD.test(text)
  return WORD.lastIndex
}

function endOfString(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at + 1
    if (text[at] === '\\') at++
  }
  return undefined
}

/** Whether brackets are still open at the end of what began like JSON. */
function looksCut(tokens: readonly Token[]): boolean {
  const [first, second = '"'] = tokens
  if (first !== '[' && !(first === '{' && isString(second))) return false
  let depth = 0
  for (const token of tokens) {
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
    if (depth === 0) return false // it ended, and something came after it
  }
  return depth > 0
}

/** Whether a token is a string. */
export function isString(token: Token): boolean {
  return token.startsWith('"')
}

/** Whether a token is a number. */
export function isNumber(token: Token): boolean {
  return /^[-\d]/.test(token)
}
