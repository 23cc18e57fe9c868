// The address as the sender knows it, where a proxy, a port or an encoding makes another one of it here.

import { signedHeader } from '../../../webhook/pipeline/request-content.ts'
import { type Change, change } from '../../change.ts'

/** Another text for the URL that is signed. */
export interface UrlChange extends Change {
  readonly url: string
}

export function* contentUrls(received: string | undefined, headers: unknown): Generator<UrlChange> {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/i.exec(received ?? '')
  if (!parts) return
  const [, scheme = '', host = '', path = '', query = ''] = parts
  const found = (what: string, url: string) => ({ ...change('content_url', `content: URL ${what}`), url })
  const other = scheme === 'http' ? 'https' : 'http'
  const bare = host.replace(/:\d+$/, '')
  const slashed = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  yield found(`with ${other}`, `${other}://${host}${path}${query}`)
  if (query !== '') yield found('without its query', `${scheme}://${host}${path}`)
  yield found('with or without the slash at the end of its path', `${scheme}://${host}${slashed}${query}`)
  if (bare !== host) {
    yield found('without its port', `${scheme}://${bare}${path}${query}`)
    yield found(`without its port, with ${other}`, `${other}://${bare}${path}${query}`)
  }
  yield found('with its usual port', `${scheme}://${bare}:${scheme === 'http' ? 80 : 443}${path}${query}`)
  for (const name of ['x-forwarded-host', 'x-original-host', 'host']) {
    const seen = signedHeader(name, headers)
    if (typeof seen !== 'string' || seen === host) continue
    yield found(`with the host of ${name}`, `${scheme}://${seen}${path}${query}`)
    yield found(`with the host of ${name}, and ${other}`, `${other}://${seen}${path}${query}`)
  }
  const decoded = decode(`${path}${query}`)
  if (decoded !== `${path}${query}`) yield found('percent-decoded', `${scheme}://${host}${decoded}`)
  const encoded = encodeURI(decoded)
  if (encoded !== `${path}${query}`) yield found('percent-encoded', `${scheme}://${host}${encoded}`)
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    return decoded.isWellFormed() ? decoded : text
  } catch {
    return text
  }
}
