// A curl command: what browsers give as "Copy as cURL", and what providers' consoles show. Nothing is run.

import { concatBytes } from '../../shared/bytes.ts'
import { encodeBase64 } from '../../shared/encoding.ts'
import { encodeText, found, notReadable, type ReadRequests } from './captured-request.ts'
import { shellWords } from './shell-words.ts'

/** Reads the file of `--data @file`. */
export type ReadFile = (path: string) => Promise<Uint8Array>

export function looksLikeCurl(text: string): boolean {
  return /^\s*(?:\$\s+)?curl(?:\.exe)?\s/.test(text)
}

/** Reads a curl command. */
export async function readCurl(text: string, readFile: ReadFile): Promise<ReadRequests> {
  const words = shellWords(text.trim().replace(/^\$\s+/, ''))
  if (!words) return notReadable('The curl command has a quote that is never closed.')
  const draft: Draft = { method: undefined, url: undefined, headers: [], data: [], isJson: false, isGet: false }
  const problem = await readArguments(words.slice(1), draft, readFile)
  if (problem === undefined) return found(toRequest(draft))
  return notReadable(problem)
}

interface Draft {
  method: string | undefined
  url: string | undefined
  readonly headers: [string, string][]
  readonly data: Uint8Array[]
  isJson: boolean
  isGet: boolean
}

async function readArguments(words: readonly string[], draft: Draft, readFile: ReadFile): Promise<string | undefined> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('-') || word === '-') {
      draft.url ??= word
      continue
    }
    const { name, attached } = splitOption(word)
    const takesValue = VALUE_OPTIONS.has(name)
    const value = attached ?? (takesValue ? words[++at] : undefined)
    if (takesValue && value === undefined) return `The curl command has ${name} without a value.`
    const problem = await applyOption(name, value ?? '', draft, readFile)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** `--name`, `--name=value`, `-X` or `-Xvalue`. Letters may stand together (`-sSL`): only the first is looked at. */
function splitOption(word: string): { name: string; attached: string | undefined } {
  if (word.startsWith('--')) {
    const at = word.indexOf('=')
    return at < 0 ? { name: word, attached: undefined } : { name: word.slice(0, at), attached: word.slice(at + 1) }
  }
  const name = word.slice(0, 2)
  const hasValue = word.length > 2 && VALUE_OPTIONS.has(name)
  return { name, attached: hasValue ? word.slice(2) : undefined }
}

/** curl's options that take a value, as far as they are seen in commands that are copied or documented. */
const VALUE_OPTIONS: ReadonlySet<string> = new Set(
  `-X --request -H --header -d --data --data-ascii --data-raw --data-binary --data-urlencode --json --url -u --user -A --user-agent
  -b --cookie -e --referer -F --form -o --output -m --max-time --connect-timeout --retry --cacert --cert --key -x --proxy --resolve
  -w --write-out -c --cookie-jar -T --upload-file --limit-rate --ciphers --interface --retry-delay`.split(/\s+/),
)

async function applyOption(name: string, value: string, draft: Draft, readFile: ReadFile): Promise<string | undefined> {
  switch (name) {
    case '-X':
    case '--request':
      draft.method = value
      return undefined
    case '--url':
      draft.url = value
      return undefined
    case '-H':
    case '--header':
      return addHeader(draft, value)
    case '-A':
    case '--user-agent':
      draft.headers.push(['user-agent', value])
      return undefined
    case '-u':
    case '--user':
      draft.headers.push(['authorization', `Basic ${encodeBase64(encodeText(value))}`])
      return undefined
    case '-G':
    case '--get':
      draft.isGet = true
      return undefined
    case '-F':
    case '--form':
    case '-T':
    case '--upload-file':
      return `The curl command uses ${name}, whose body cannot be known from here. Give the body with --data-binary @FILE.`
    default:
      return addData(name, value, draft, readFile)
  }
}

function addHeader(draft: Draft, line: string): undefined {
  const at = line.indexOf(':')
  // curl sends `Name;` as a header with no value, and drops `Name:`.
  if (at > 0) draft.headers.push([line.slice(0, at).trim(), line.slice(at + 1).trim()])
  else if (line.endsWith(';')) draft.headers.push([line.slice(0, -1).trim(), ''])
}

async function addData(name: string, value: string, draft: Draft, readFile: ReadFile): Promise<string | undefined> {
  if (!DATA_OPTIONS.has(name)) return undefined
  if (name === '--json') draft.isJson = true
  if (name === '--data-urlencode') {
    draft.data.push(encodeText(urlEncode(value)))
    return undefined
  }
  if (name === '--data-raw' || !value.startsWith('@')) {
    draft.data.push(encodeText(value))
    return undefined
  }
  const bytes = await readFile(value.slice(1)).catch(() => undefined)
  if (!bytes) return 'The file that the curl command takes its body from cannot be read.'
  // --data drops line breaks and NULs from a file; --data-binary and --json keep them.
  const keepsAll = name === '--data-binary' || name === '--json'
  draft.data.push(keepsAll ? bytes : bytes.filter((byte) => byte !== 10 && byte !== 13 && byte !== 0))
  return undefined
}

const DATA_OPTIONS: ReadonlySet<string> = new Set([
  '-d',
  '--data',
  '--data-ascii',
  '--data-raw',
  '--data-binary',
  '--data-urlencode',
  '--json',
])

function urlEncode(value: string): string {
  const at = value.indexOf('=')
  if (at <= 0) return encodeURIComponent(value.slice(at + 1))
  return `${value.slice(0, at)}=${encodeURIComponent(value.slice(at + 1))}`
}

function toRequest({ method, url, headers, data, isJson, isGet }: Draft) {
  const separator = encodeText(isJson ? '' : '&')
  const body = concatBytes(data.flatMap((part, index) => (index === 0 ? [part] : [separator, part])))
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type')
  const type = isJson ? 'application/json' : 'application/x-www-form-urlencoded'
  if (data.length > 0 && !hasType) headers.push(['content-type', type])
  return { method: method ?? (isGet || data.length === 0 ? 'GET' : 'POST'), url, headers, body }
}
