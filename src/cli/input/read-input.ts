// Reading what the user gave: a file or standard input, in any of the forms in which people have a request.

import { decodeUtf16 } from '../../diagnose/received-body.ts'
import { inputProblem } from '../exit-codes.ts'
import type { CommandIo } from '../io.ts'
import { type CapturedRequest, encodeText } from './captured-request.ts'
import { looksLikeCurl, readCurl } from './curl.ts'
import { readJson } from './json-request.ts'
import { looksLikeHttp, readRawHttp } from './raw-http.ts'

/** The bytes of FILE, or of standard input for `-` or nothing. */
export async function readInput(io: CommandIo, file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined && file !== '-') return readNamedFile(io, file)
  if (io.stdinIsTerminal) io.warn('Reading from standard input. End with Ctrl-D.\n')
  const bytes = await io.readStdin()
  if (!bytes || bytes.length === 0)
    throw inputProblem('There is nothing on standard input. Name a file, or pipe one in.')
  return bytes
}

/** The bytes of a file, or a problem in words. */
export async function readNamedFile(io: CommandIo, file: string): Promise<Uint8Array> {
  try {
    return await io.readFile(file)
  } catch (error) {
    throw inputProblem(`${file}: ${describeFileProblem(error)}`)
  }
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file.',
  EISDIR: 'it is a folder.',
  EACCES: 'you may not read it.',
}

function describeFileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return FILE_PROBLEMS[code] ?? 'it cannot be read.'
}

/** The requests in the input; at least one. */
export async function readRequests(io: CommandIo, file: string | undefined): Promise<readonly CapturedRequest[]> {
  const bytes = asUtf8(await readInput(io, file))
  if (bytes.length === 0) throw inputProblem(`${file ?? 'Standard input'}: it is empty.`)
  const text = new TextDecoder().decode(bytes)
  const read = await readAs(text, bytes, io)
  if (!read.ok) throw inputProblem(read.message)
  if (read.requests.length === 0) throw inputProblem('There is no request in the input.')
  return read.requests
}

/** What Windows PowerShell 5 writes with `>` is UTF-16, which no request is. */
function asUtf8(bytes: Uint8Array): Uint8Array {
  const text = decodeUtf16(bytes)
  if (text === undefined) return bytes
  return encodeText(text)
}

function readAs(text: string, bytes: Uint8Array, io: CommandIo) {
  if (looksLikeCurl(text)) return readCurl(text, io.readFile)
  if (/^\s*[{[]/.test(text)) return readJson(text)
  if (looksLikeHttp(text)) return readRawHttp(bytes)
  return { ok: false, message: 'The input is not raw HTTP, a curl command, a HAR file or JSON of a request.' } as const
}
