// How senders write a time. Each form is a value of its own, so that a bundle holds only those that its schemes use.

/** A way of writing a time. */
export interface TimestampForm {
  /** What the text has to be, for messages: `Unix seconds in plain digits`. */
  readonly form: string
  /** Whole Unix seconds; undefined for a text of another form. */
  read(text: string): number | undefined
  /** The text for whole Unix seconds. */
  write(seconds: number): string
}

/** Unix seconds in digits: the default. */
export const unixSeconds: TimestampForm = /* @__PURE__ */ Object.freeze({
  form: 'Unix seconds in plain digits',
  read: readWholeNumber,
  write: String,
})

/** Unix milliseconds in digits. */
export const unixMilliseconds: TimestampForm = /* @__PURE__ */ Object.freeze({
  form: 'Unix milliseconds in plain digits',
  read(text: string): number | undefined {
    const milliseconds = readWholeNumber(text)
    return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000)
  },
  write: (seconds: number): string => String(1000 * seconds),
})

/** A date and time with its offset from UTC (RFC 3339, ISO 8601): `2024-03-09T16:00:00Z`, with any number of decimals. */
export const iso8601: TimestampForm = /* @__PURE__ */ Object.freeze({
  form: 'a date and time such as 2024-03-09T16:00:00Z',
  read(text: string): number | undefined {
    const parts = text.length <= 40 ? ISO_8601.exec(text) : null
    if (!parts) return undefined
    const [, dateAndTime = '', offset = 'Z'] = parts
    const milliseconds = Date.parse(dateAndTime + offset)
    // Date.parse takes 30 February for 1 March; written back, it is another date.
    const isReal = new Date(Date.parse(`${dateAndTime}Z`)).toISOString().startsWith(dateAndTime)
    return isReal && milliseconds > 0 ? Math.floor(milliseconds / 1000) : undefined
  },
  write: (seconds: number): string => new Date(1000 * seconds).toISOString(),
})

const ISO_8601 =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Plain ASCII digits, without a sign or a leading zero, at most 2^53 - 1; undefined for any other text. */
export function readWholeNumber(text: string): number | undefined {
  if (text.length > 16 || text[0] === '0') return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    value = 10 * value + digit
  }
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined
}
