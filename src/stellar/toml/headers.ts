// The headers that a stellar.toml is served with.

/**
 * The response headers for `/.well-known/stellar.toml`: plain text that a browser shows, readable from every site, as SEP-1 requires, and
 * cached for an hour. Set them on this path only.
 *
 * @example
 * ```ts
 * response.writeHead(200, STELLAR_TOML_HEADERS).end(text)
 * ```
 */
export const STELLAR_TOML_HEADERS: {
  readonly 'content-type': 'text/plain; charset=utf-8'
  readonly 'access-control-allow-origin': '*'
  readonly 'cache-control': 'public, max-age=3600'
} = /* @__PURE__ */ Object.freeze({
  'content-type': 'text/plain; charset=utf-8',
  'access-control-allow-origin': '*',
  'cache-control': 'public, max-age=3600',
})
