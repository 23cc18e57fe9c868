// Retry-After (RFC 9110 section 10.2.3): seconds in digits, or a date in the one form that senders must write (IMF-fixdate).

const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** How long to wait, in milliseconds; undefined for anything else. Seconds of any size count: the schedule caps them. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d+$/.test(text)) return Math.min(1000 * Number(text.slice(0, 300)), Number.MAX_SAFE_INTEGER)
  if (!IMF_FIXDATE.test(text)) return undefined
  const until = Date.parse(text) - nowMs
  return until > 0 ? until : undefined
}
