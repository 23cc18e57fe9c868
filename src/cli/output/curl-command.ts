// Writing a curl command that a POSIX shell runs as it stands.

import { encodeBase64 } from '../../shared/encoding.ts'

/** A command that posts the very bytes: from their file if there is one, otherwise from within the command. */
export function curlCommand(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  file: string | undefined,
): string {
  const isFile = file !== undefined && file !== '-'
  const text = isFile ? undefined : textOf(body)
  const options = Object.entries({ 'content-type': contentTypeOf(body), ...headers }).map(
    ([name, value]) => `-H ${quote(`${name}: ${value}`)}`,
  )
  const data = isFile ? quote(`@${file}`) : text === undefined ? '@-' : quote(text)
  const option = text === undefined ? '--data-binary' : '--data-raw'
  const command = [`curl -sS -X POST ${quote(url.href)}`, ...options, `${option} ${data}`].join(' \\\n  ')
  if (isFile || text !== undefined) return command
  return `printf %s ${quote(encodeBase64(body))} | base64 -d | ${command}`
}

/** The body as text, if a shell can carry it: UTF-8 without NUL. */
function textOf(body: Uint8Array): string | undefined {
  if (body.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return undefined
  }
}

export function contentTypeOf(body: Uint8Array): string {
  try {
    JSON.parse(new TextDecoder().decode(body))
    return 'application/json'
  } catch {
    return 'application/octet-stream'
  }
}

/** In single quotes a shell changes nothing (POSIX 2.2.2). */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
