// Splitting a command line into its words, as a POSIX shell does, or as cmd.exe does for what browsers call "Copy as cURL (cmd)".

/** The words, or undefined if a quote is never closed. Nothing is expanded: `$HOME` stays as it is. */
export function shellWords(text: string): string[] | undefined {
  const line = isForCmd(text) ? fromCmd(text) : text
  const reader = { line, at: 0 }
  const words: string[] = []
  for (;;) {
    while (/[\s]/.test(line.charAt(reader.at)) || isContinuation(reader)) reader.at += isContinuation(reader) || 1
    if (reader.at >= line.length) return words
    const word = readWord(reader)
    if (word === undefined) return undefined
    words.push(word)
  }
}

interface Reader {
  readonly line: string
  at: number
}

/** The length of a backslash and the line break after it, which a shell drops; 0 if there is none. */
function isContinuation({ line, at }: Reader): number {
  return /^\\\r?\n/.exec(line.slice(at, at + 3))?.[0].length ?? 0
}

function readWord(reader: Reader): string | undefined {
  let word = ''
  while (reader.at < reader.line.length && !/\s/.test(reader.line.charAt(reader.at))) {
    const part = readPart(reader)
    if (part === undefined) return undefined
    word += part
  }
  return word
}

function readPart(reader: Reader): string | undefined {
  const { line } = reader
  const first = line.charAt(reader.at)
  if (first === "'") return take(reader, SINGLE_QUOTED, (text) => text)
  if (first === '"') return take(reader, DOUBLE_QUOTED, unescapeDouble)
  if (line.startsWith("$'", reader.at)) return take(reader, ANSI_C_QUOTED, unescapeC)
  const skipped = isContinuation(reader)
  if (skipped > 0) {
    reader.at += skipped
    return ''
  }
  if (first === '\\') reader.at++
  return line.charAt(reader.at++)
}

const SINGLE_QUOTED = /'([^']*)'/y
const DOUBLE_QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y
const ANSI_C_QUOTED = /\$'((?:[^'\\]|\\[\s\S])*)'/y

/** Takes a quoted text, or gives undefined if its quote is never closed. */
function take(reader: Reader, form: RegExp, decode: (text: string) => string): string | undefined {
  form.lastIndex = reader.at
  const text = form.exec(reader.line)?.[1]
  if (text === undefined) return undefined
  reader.at = form.lastIndex
  return decode(text)
}

/** In double quotes a backslash protects $ ` " \ and drops a line break; before anything else it stands for itself (POSIX 2.2.3). */
function unescapeDouble(text: string): string {
  return text.replace(/\\([$`"\\]|\r?\n)/g, (_, next: string) => (/^\r?\n/.test(next) ? '' : next))
}

const C_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
}

/** The escapes of $'…' (ANSI-C quoting). Browsers write every character beyond ASCII so. */
function unescapeC(text: string): string {
  return text.replace(
    /\\(u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g,
    (_, sequence: string) => {
      if (/^[uUx]./.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence.slice(1), 16))
      if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8) & 255)
      return C_ESCAPES[sequence] ?? sequence
    },
  )
}

/** cmd.exe escapes by a caret, and browsers put one before the first quote, or at the end of the first line. */
function isForCmd(text: string): boolean {
  return /^\s*curl\S*\s+(?:\^"|"[^"\n]*"\s*\^\r?\n)/.test(text)
}

/** Rewrites a line for cmd.exe as one for a shell. */
function fromCmd(text: string): string {
  return text.replace(/\^\r?\n\s*/g, ' ').replace(/\^([\s\S])/g, '$1')
}
