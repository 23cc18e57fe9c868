// The escapes in JSON strings, as serialisers write them. A string means the same in every style.

import { isString, type Token } from './tokens.ts'

/** A style of escapes. */
export interface EscapeStyle {
  readonly name: string
  /** What is written as `\uXXXX` beside what must be. */
  readonly unicode: RegExp | undefined
  /** Whether that is so for the quotation mark too, in place of `\"`. */
  readonly quotes: boolean
  /** Hexadecimal digits in upper case. */
  readonly upperCase: boolean
  /** Whether a solidus is written as `\/`. */
  readonly slashes: boolean
}

const NON_ASCII = String.raw`\u007f-\uffff`

/** The common ones first. */
export const ESCAPE_STYLES: readonly EscapeStyle[] = /* @__PURE__ */ Object.freeze([
  style('no escapes that need not be'),
  style('\\u escapes for all but ASCII', { escaped: String.raw`\u0080-\uffff` }),
  style('\\u escapes in capitals for all but ASCII', { escaped: String.raw`\u0080-\uffff`, upperCase: true }),
  style('escaped slashes', { slashes: true }),
  style('escaped slashes, \\u escapes for all but ASCII (PHP)', { escaped: String.raw`\u0080-\uffff`, slashes: true }),
  style('HTML-safe escapes of Go and Rails', { escaped: String.raw`<>&\u2028\u2029` }),
  style('HTML-safe escapes of Gson', { escaped: String.raw`<>&='\u2028\u2029` }),
  style('HTML-safe escapes of .NET', { escaped: `<>&'"+\`${NON_ASCII}`, upperCase: true }),
  style('HTML-safe escapes of PHP', { escaped: `<>&'"`, upperCase: true, slashes: true }),
  style('HTML-safe escapes of Rails, \\u escapes for all but ASCII', { escaped: String.raw`<>&\u0080-\uffff` }),
  style('escaped < and > only', { escaped: '<>' }),
  style('escaped line separators', { escaped: String.raw`\u2028\u2029` }),
])

function style(
  name: string,
  { escaped, upperCase = false, slashes = false }: { escaped?: string; upperCase?: boolean; slashes?: boolean } = {},
): EscapeStyle {
  const unicode = escaped === undefined ? undefined : new RegExp(`[${escaped}]`, 'g')
  return Object.freeze({ name, unicode, quotes: escaped?.includes('"') === true, upperCase, slashes })
}

/** The tokens with their strings in another style. */
export function writeEscapes(tokens: readonly Token[], escapes: EscapeStyle): Token[] {
  return tokens.map((token) => (isString(token) ? writeString(token, escapes) : token))
}

/** Strings of these characters alone are written alike in every style: most names and many values. */
const SAME_IN_EVERY_STYLE = /^"[\w .,:;@#$%()*!?[\]{}|~^-]*"$/

function writeString(token: Token, { unicode, quotes, upperCase, slashes }: EscapeStyle): Token {
  if (SAME_IN_EVERY_STYLE.test(token)) return token
  if (!unicode && !slashes && !token.includes('\\')) return token
  const toEscape = (unit: string): string => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${upperCase ? digits.toUpperCase() : digits}`
  }
  // JSON.stringify escapes what must be, and half surrogate pairs, which have no other form.
  const plain = JSON.stringify(JSON.parse(token)).slice(1, -1)
  let text = plain.replace(/\\(?:u([0-9a-f]{4})|.)/g, (pair, digits) => {
    if (pair === '\\"' && quotes) return toEscape('"')
    return digits !== undefined && upperCase ? `\\u${digits.toUpperCase()}` : pair
  })
  if (unicode) text = text.replace(unicode, toEscape)
  if (slashes) text = text.replaceAll('/', '\\/')
  return `"${text}"`
}

/** What kinds of escapes a text has: which of them change from one style to another tells the cause. */
export interface EscapeKinds {
  readonly slashes: boolean
  readonly html: boolean
  readonly unicode: boolean
}

export function kindsOfEscapes(text: string): EscapeKinds {
  return {
    slashes: /\\\//.test(text),
    html: /\\u00(?:3c|3e|26|27|3d|22|2b|60)|\\u202[89]/i.test(text),
    unicode: /\\u(?!00[0-7]|202[89])/i.test(text),
  }
}
