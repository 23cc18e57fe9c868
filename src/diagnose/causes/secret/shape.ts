// What a secret looks like, if it does not look like one. Nothing of it is ever repeated.

const SHAPES: readonly (readonly [shape: RegExp, what: string])[] = [
  [/^(?:undefined|null|nan|none|nil|true|false|\[object object\])$/i, 'the text of a value that was not set'],
  [/^\$\{?[A-Za-z_]\w*\}?$|^\{\{.*\}\}$|^%\w+%$|^<.*>$/s, 'a variable that was not filled in'],
  [/^(?:change[-_ ]?me|your[-_ ].*|secret|test|todo|xxx+|placeholder|\*+)$/i, 'a placeholder'],
  [/^-----BEGIN /, 'a key in PEM'],
  [/^eyJ[\w-]+\.[\w-]+\.[\w-]*$/, 'a JSON Web Token'],
  [/^[a-z][a-z0-9+.-]*:\/\//i, 'a URL'],
  [/^(?:sk|pk|rk)_(?:live|test)_/, 'an API key'],
  [/^whpk_/, 'a public key'],
  [/^whsk_/, 'a private key'],
  [/^(?:ghp|gho|github_pat|xox[abp]|AKIA|glpat)[-_A-Z0-9]/, 'an access token'],
]

/** What a text looks like in place of a secret; undefined if nothing stands out. */
export function describeShape(text: string): string | undefined {
  return SHAPES.find(([shape]) => shape.test(text))?.[1]
}

/** Why a text may be only the beginning of a secret: `.env` files end a value at a `#` and expand a `$`. */
export function describeCut(text: string): string | undefined {
  const digits = text.replace(/^whsec_/, '')
  if (/[#$]$/.test(text)) return 'It ends with a # or a $, where .env files and shells cut a value.'
  if (/^[0-9a-f]{9,}$/i.test(digits) && digits.length % 2 === 1)
    return 'It is hexadecimal with an odd number of digits.'
  if (text !== digits && digits.replace(/=+$/, '').length % 4 === 1) return 'Its base64 lacks a digit at least.'
  return undefined
}
