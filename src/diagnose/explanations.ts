// What each finding means, and what to do about it. docs/runbook.md says more, in a section for each code.

import type { FindingCode } from './finding.ts'

export interface Explanation {
  readonly message: string
  readonly fix: string
}

export const EXPLANATIONS: Readonly<Record<FindingCode, Explanation>> = /* @__PURE__ */ Object.freeze({
  secret_whitespace: {
    message:
      'White space makes the difference: the secret here is not, character by character, the one that the sender uses.',
    fix: 'Remove the white space from the configured secret, or add what the sender has. Check files for a line break at their end.',
  },
  secret_quoted: {
    message: 'The secret was stored with something around it that does not belong to it, such as quotation marks.',
    fix: 'Store the secret alone: without quotation marks, a comma or the name of the variable.',
  },
  secret_escaped_newline: {
    message: 'The secret holds the two characters \\n where a line break was meant, or nothing at all.',
    fix: 'Remove them. Docker and many CI systems do not turn \\n into a line break.',
  },
  secret_derivation: {
    message:
      'The sender makes other key bytes of the same secret: its text as it is, or what it is the base64 or hexadecimal of.',
    fix: 'Give the secret in the form that the scheme reads, or as bytes: Buffer.from(secret, "base64"), for one.',
  },
  secret_encoded: {
    message: 'The secret was percent-encoded, escaped or stored in UTF-16 on its way into the configuration.',
    fix: 'Store it as the sender shows it, in UTF-8, without encoding it for a URL, HTML or JSON.',
  },
  secret_other: {
    message: 'Another secret made this signature.',
    fix: 'Configure that secret for this endpoint, or send this delivery to the endpoint that it belongs to.',
  },
  secret_expired: {
    message: 'A secret that has expired made this signature.',
    fix: 'The sender still uses the former secret: finish the rotation there, or extend expiresAt until it is done.',
  },
  secret_unusable: {
    message: 'A configured secret cannot be used.',
    fix: 'Set the secret that the sender shows for this endpoint.',
  },
  secret_truncated: {
    message: 'A configured secret looks as if its end were missing.',
    fix: 'Put it in single quotes where it is stored: # and $ end a value, or expand it, in .env files and shells.',
  },
  body_newline: {
    message: 'The body has a line break at its end that the sender did not sign, or lacks one that it did.',
    fix: 'Pass on the bytes as they arrive. Look at whatever reads the body as text or logs it on the way.',
  },
  body_line_endings: {
    message: 'Line endings were rewritten between the sender and the check.',
    fix: 'Read the body as bytes, never as text lines. If this is a stored copy, switch off the conversion of line endings.',
  },
  body_bom: {
    message: 'A byte order mark was added or dropped between the sender and the check.',
    fix: 'Verify the bytes before they are decoded as text: decoders drop the mark without a word.',
  },
  body_trimmed: {
    message: 'White space at the ends of the body was added or removed.',
    fix: 'Remove the trim(), or verify before it.',
  },
  body_reserialized: {
    message: 'The body is the same JSON, written again with other white space.',
    fix: 'Verify the raw bytes: before any JSON parser runs. Express: expressWebhook, or express.raw. If the sender signs another form than it sends, that is its fault to mend.',
  },
  body_key_order: {
    message: 'The members of the JSON stand in another order than the one that was signed.',
    fix: 'Verify the raw bytes, before the body is parsed, stored as jsonb or sorted.',
  },
  body_unicode_escapes: {
    message: 'Characters beyond ASCII are escaped in the one form of the JSON and not in the other.',
    fix: 'Verify the raw bytes, before a JSON parser and serialiser have had the body.',
  },
  body_html_escapes: {
    message: 'Characters such as < and & are escaped in the one form of the JSON and not in the other.',
    fix: 'Verify the raw bytes. Go, Gson, .NET and Rails escape these by default: the sender may sign the one form and send the other. Entities (&lt;) come from a filter on your side.',
  },
  body_slash_escapes: {
    message: 'Slashes are escaped in the one form of the JSON and not in the other.',
    fix: 'Verify the raw bytes. PHP escapes slashes by default: the sender may sign the one form and send the other.',
  },
  body_numbers: {
    message: 'Numbers in the JSON may have been rewritten, as 1.0 becomes 1 and large integers are rounded.',
    fix: 'Verify the raw bytes, before the body is parsed: how a number was written cannot be found out afterwards.',
  },
  body_charset: {
    message: 'The body was decoded in one character set and written in another.',
    fix: 'Treat the body as bytes until it is verified, or decode and encode it as UTF-8.',
  },
  body_replacement: {
    message: 'The body holds the replacement character U+FFFD: bytes were lost when it was decoded as text.',
    fix: 'Read the body as bytes. What was lost cannot be brought back, so this delivery has to be sent again.',
  },
  body_normalized: {
    message: 'The text of the body was brought into another Unicode normal form.',
    fix: 'Verify the raw bytes, before a database or a file system normalises them.',
  },
  body_base64: {
    message: 'The body is the base64 of what was signed, or the reverse.',
    fix: "Decode it first where the platform says isBase64Encoded: Buffer.from(event.body, 'base64').",
  },
  body_wrapped: {
    message: 'What was signed is inside what was passed: a member of an event, or JSON that was encoded twice.',
    fix: 'Pass the body alone: event.body rather than event. Do not encode it again.',
  },
  body_form_field: {
    message: 'A form was taken apart, written again, or turned into JSON.',
    fix: 'Verify the form as it arrived, and take the field out of it afterwards; or choose JSON in the settings of the sender.',
  },
  body_compressed: {
    message: 'The body is compressed where it was signed uncompressed, or the reverse.',
    fix: 'Set inflate: true if the sender signs before it compresses. Otherwise keep proxies from inflating or compressing it.',
  },
  body_empty: {
    message: 'One of the two sides had no body.',
    fix: 'Look for whatever reads the request before the check: a stream can be read only once.',
  },
  body_truncated: {
    message: 'The body is not whole.',
    fix: 'Look at the size limits of proxies, parsers and logs, and at clients that were cut off.',
  },
  body_parsed: {
    message: 'The body was parsed before it was to be verified.',
    fix: 'Pass the bytes of the request: put the webhook route before any body parser. Express: expressWebhook, or express.raw.',
  },
  content_form: {
    message: 'The sender signs another arrangement of the same parts than the scheme does.',
    fix: 'Choose the scheme of this sender, or define it with defineScheme.',
  },
  content_id: {
    message: 'The sender signed another id than the one in the header.',
    fix: 'Keep the id header as it arrives. If it is missing, find out what removes it.',
  },
  content_timestamp: {
    message: 'The sender writes the time that it signs in another way.',
    fix: 'Keep the timestamp header as it arrives, or set timestampFormat in the definition of the scheme.',
  },
  content_url: {
    message: 'The sender signs the URL, and knows the endpoint by another one than was passed.',
    fix: 'Set publicUrl, or pass the URL as it is registered with the sender: proxies change host, scheme and port.',
  },
  scheme_other: {
    message: 'The delivery is signed by the scheme of another sender.',
    fix: 'Set the scheme option to the sender that this endpoint receives from.',
  },
  algorithm_other: {
    message: 'The signature was made by another algorithm.',
    fix: 'Choose the header or the setting of the sender with the algorithm of the scheme, or define the scheme with this one.',
  },
  key_kind: {
    message: 'The signature is of a kind that none of the configured keys can check.',
    fix: 'Configure a key of that kind beside the others: a public key (whpk_) for v1a, a shared secret (whsec_) for v1.',
  },
  signature_encoding: {
    message: 'The signature is right, and written in another encoding than the scheme has.',
    fix: 'Have the sender write it as the scheme does, or define a scheme with that encoding.',
  },
  signature_header: {
    message: 'The signature is right, and its header was changed on the way.',
    fix: 'Look for a proxy or a framework that joins, quotes, folds or cuts headers. If it is masked, get the request itself, not a log of it.',
  },
  header_missing: {
    message: 'A header that the scheme needs is missing.',
    fix: 'Look for a proxy that removes or renames headers (nginx drops names with underscores), and at how headers are passed.',
  },
  header_repeated: {
    message: 'A header that decides is there more than once.',
    fix: 'Find out what adds it a second time: a proxy, a retry, a client that appends where it should set.',
  },
  clock_skew: {
    message: 'The timestamp is too far from the clock here.',
    fix: 'If all deliveries have the same skew, set the clock right (NTP). If only this one has, it is a late retry or a replay.',
  },
  timestamp_milliseconds: {
    message: 'The timestamp has another unit than the scheme: milliseconds where seconds are due, or the reverse.',
    fix: 'Have the sender write the unit of the scheme, or set timestampFormat in its definition.',
  },
  timestamp_zone: {
    message: 'The timestamp is off by a whole number of quarters of an hour: a local time was taken for UTC.',
    fix: 'Make the timestamp from UTC: Math.floor(Date.now() / 1000).',
  },
  timestamp_reused: {
    message: 'Several deliveries have the same timestamp.',
    fix: 'The sender retries with the time of its first attempt: raise toleranceSeconds, or have it sign each attempt anew.',
  },
  nothing_matches: {
    message: 'Nothing that was tried makes this signature.',
    fix: 'What remains is a secret that is not here, or bytes that changed in a way that cannot be undone. Compare the secret at both ends, then capture a delivery before anything reads it.',
  },
})
