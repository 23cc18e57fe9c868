// Percent-encoding (RFC 3986 section 2.1).

/** The text as it is, if it is not percent-encoded. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
