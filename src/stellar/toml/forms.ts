// The forms of addresses that SEP-1 asks for, and which domain each is on.

// A host of letters (of any script), digits and hyphens, or a bracketed IPv6 address; no user name; no blank anywhere.
const HTTP_URL =
  /^(https?):\/\/((?:[\p{L}\p{N}_-]+\.)*[\p{L}\p{N}_-]+\.?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(?:[/?#][^\s\p{Cc}]*)?$/iu
const EMAIL = /^[^\s@\p{Cc}]+@((?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]+)$/u
const HOST = /^(?:(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i

const MAX_PORT = 65_535

/** An absolute http or https URL, without a user name. */
export function isHttpUrl(text: string): boolean {
  const parts = HTTP_URL.exec(text)
  return parts !== null && Number(parts[3] ?? 0) <= MAX_PORT
}

export function isHttpsUrl(text: string): boolean {
  return isHttpUrl(text) && /^https:/i.test(text)
}

/** The host that a URL is on, in lower case. */
export function hostOf(url: unknown): string | undefined {
  return typeof url === 'string' ? HTTP_URL.exec(url)?.[2]?.toLowerCase() : undefined
}

/** The domain of an email address, in lower case. */
export function emailDomainOf(text: unknown): string | undefined {
  return typeof text === 'string' ? EMAIL.exec(text)?.[1]?.toLowerCase() : undefined
}

/** A phone number as ITU-T E.164 has it. */
export function isE164(text: string): boolean {
  return /^\+[1-9]\d{1,14}$/.test(text)
}

/** A host and a port. */
export function isHost(text: string): boolean {
  const port = Number(HOST.exec(text)?.[1] ?? 0)
  return port >= 1 && port <= MAX_PORT
}

/** Whether two hosts are on one domain: the same, or one below the other, as `www.example.com` is below `example.com`. */
export function isSameDomain(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)
}
