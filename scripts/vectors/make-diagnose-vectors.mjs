// Writes test/vectors/diagnose.json: broken deliveries, each with the findings that are due. Genuine ones of every sender with a shared
// secret come from test/vectors/senders.json, and are broken at the receiver's end; others are signed here, wrongly, by node:crypto.
// Nothing of this library is used. Afterwards: npm run format.

import { createHash, createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const NOW = 1_710_000_000
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
const genuine = read('test/vectors/senders.json').cases

/** Keys that are no shared secrets, and a signature that does not cover the body as it is. */
const ASYMMETRIC = ['circle', 'discord', 'sendgrid']
const TOKENS = ['gitlab', 'telegram']
const NOT_BYTES = ['mailgun', 'twilio']

const cases = []
const add = (cause, delivery, findings) => cases.push({ cause, ...delivery, findings })

/** A delivery as it would be diagnosed. `bytes` in place of a text. */
function withBody(delivery, body) {
  const { body: _, ...rest } = delivery
  return typeof body === 'string' ? { ...rest, body } : { ...rest, bodyBase64: Buffer.from(body).toString('base64') }
}

const another = { adyen: '0A0B0C0D', standardWebhooks: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }
const otherSecretFor = ({ scheme }) =>
  another[scheme] ??
  (['svix', 'gitlabSigned', 'workosBase64'].includes(scheme) ? another.standardWebhooks : 'another-secret')

/** What happens to a secret between the sender's page and the receiver's configuration. */
const SECRET_FAULTS = {
  secret_whitespace: [
    ['a line break at its end', (secret) => `${secret}\n`],
    ['CRLF at its end', (secret) => `${secret}\r\n`],
    ['a no-break space before it', (secret) => `\u00a0${secret}`],
    ['a byte order mark before it', (secret) => `\ufeff${secret}`],
  ],
  secret_quoted: [
    ['double quotation marks', (secret) => `"${secret}"`],
    ['single quotation marks and a comma', (secret) => `'${secret}',`],
    ['the name of its variable', (secret) => `WEBHOOK_SECRET=${secret}`],
  ],
  secret_escaped_newline: [['a literal \\n', (secret) => `${secret}\\n`]],
}

/** What happens to a body between the network and the check. */
const BODY_FAULTS = {
  body_newline: [
    ['LF added', (body) => `${body}\n`],
    ['CRLF added', (body) => `${body}\r\n`],
  ],
  body_bom: [['a byte order mark added', (body) => `\ufeff${body}`]],
  body_trimmed: [
    ['spaces added at the end', (body) => `${body}  `],
    ['a space added at the start', (body) => ` ${body}`],
  ],
  body_reserialized: [
    ['two spaces a level', (body) => JSON.stringify(JSON.parse(body), null, 2)],
    ['a tab a level', (body) => JSON.stringify(JSON.parse(body), null, '\t')],
    ['spaces after commas and colons', (body) => body.replaceAll('":', '": ').replaceAll(',"', ', "')],
  ],
  body_unicode_escapes: [['escaped', (body) => body.replaceAll('é', '\\u00e9')]],
  body_charset: [
    ['read as Latin-1', (body) => Buffer.from(Buffer.from(body).toString('latin1'))],
    ['written as Latin-1', (body) => Buffer.from(body, 'latin1')],
  ],
  body_normalized: [['NFD', (body) => body.normalize('NFD')]],
  body_base64: [['isBase64Encoded', (body) => Buffer.from(body).toString('base64')]],
  body_wrapped: [
    ['the whole event', (body) => JSON.stringify({ requestContext: {}, body, isBase64Encoded: false })],
    ['encoded twice', (body) => JSON.stringify(body)],
    ['the whole event, in base64', (body) => JSON.stringify({ body: Buffer.from(body).toString('base64') })],
  ],
  body_form_field: [['put in a form', (body) => new URLSearchParams({ payload: body }).toString()]],
  body_compressed: [['gzip', (body) => gzipSync(body)]],
}

/** Every fault in turn, a few for each sender, all for some. */
const ALL_FOR = ['linear', 'paddle', 'zoom']
const flat = (faults) =>
  Object.entries(faults).flatMap(([code, ways]) => ways.map(([how, change]) => ({ code, how, change })))
const SECRETS = flat(SECRET_FAULTS)
const BODIES = flat(BODY_FAULTS)

for (const [at, delivery] of genuine.entries()) {
  const { scheme, secret, body } = delivery
  if (ASYMMETRIC.includes(scheme) || typeof secret !== 'string' || /^(whpk_|-----|\{)/.test(secret)) continue
  const { secret: _, ...rest } = delivery
  const some = (list, count) =>
    ALL_FOR.includes(scheme) ? list : Array.from({ length: count }, (_, i) => list[(at * count + i) % list.length])
  for (const { code, how, change } of some(SECRETS, 2)) {
    add(`secret: ${how}`, { ...rest, secrets: change(secret) }, [[code, 'proven']])
  }
  if (at % 2 === 0 || ALL_FOR.includes(scheme)) {
    const other = { secrets: { secret: otherSecretFor(delivery), id: 'here' }, otherSecrets: [{ secret, id: 'there' }] }
    add('secret: that of another endpoint', { ...rest, ...other }, [['secret_other', 'proven', 'there']])
  }
  if (at % 2 === 1 || ALL_FOR.includes(scheme)) {
    const secrets = [otherSecretFor(delivery), { secret, id: 'old', expiresAt: delivery.now - 60 }]
    add('secret: expired', { ...rest, secrets }, [['secret_expired', 'proven', 'old']])
  }
  if (TOKENS.includes(scheme) || NOT_BYTES.includes(scheme) || rest.body === undefined || !body.startsWith('{'))
    continue
  for (const { code, how, change } of some(BODIES, 4)) {
    if (Buffer.from(change(body)).equals(Buffer.from(body))) continue // nothing in it that this could break
    add(`body: ${how}`, withBody({ ...rest, secrets: secret }, change(body)), [[code, 'proven']])
  }
  const [ofSecret] = some(SECRETS, 1)
  const [ofBody] = some(BODIES, 1)
  const both = withBody({ ...rest, secrets: ofSecret.change(secret) }, ofBody.change(body))
  add(`pair: ${ofSecret.how}, ${ofBody.how}`, both, [
    [ofSecret.code, 'proven'],
    [ofBody.code, 'proven'],
  ])
}

// What a sender does. Four ways to sign, by hand.

const BODY = '{"id":"evt_1","amount":"1.50","note":"Zoë & <Bob> / tax","list":[1,2.5,{"deep":null}],"empty":{}}'
const SECRET = 'topsecret'
const BASE64_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

const mac = (content, { hash = 'sha256', key = SECRET, encoding = 'hex' } = {}) =>
  createHmac(hash, key).update(content).digest(encoding)
const fluxoraHeaders = (signature, time = NOW) => ({
  'x-fluxora-delivery-id': 'evt_1',
  'x-fluxora-timestamp': String(time),
  'x-fluxora-signature': signature,
})
const fluxora = (signed, received = BODY, more = {}) => ({
  scheme: 'fluxora',
  secrets: SECRET,
  now: NOW,
  headers: fluxoraHeaders(mac(Buffer.concat([Buffer.from(`${NOW}.`), Buffer.from(signed)]))),
  ...withBody({}, received),
  ...more,
})
const github = (signature, more = {}) => ({
  scheme: 'github',
  secrets: SECRET,
  now: NOW,
  headers: { 'X-Hub-Signature-256': signature, 'X-GitHub-Delivery': 'd1', 'X-GitHub-Event': 'push' },
  body: BODY,
  ...more,
})
const stripe = (content, more = {}, time = NOW) => ({
  scheme: 'stripe',
  secrets: SECRET,
  now: NOW,
  headers: { 'Stripe-Signature': `t=${time},v1=${mac(content)}` },
  body: BODY,
  ...more,
})
const standard = (content, key, more = {}) => ({
  scheme: 'standardWebhooks',
  secrets: BASE64_SECRET,
  now: NOW,
  headers: {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': `v1,${mac(content, { key, encoding: 'base64' })}`,
  },
  body: BODY,
  ...more,
})
const parsed = JSON.parse(BODY)
const escaped = (text, pattern) =>
  text.replace(pattern, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

// Bodies that the receiver has parsed and written again.
add('JSON of two spaces', fluxora(JSON.stringify(parsed, null, 2)), [['body_reserialized', 'proven']])
add('JSON of four spaces', fluxora(JSON.stringify(parsed, null, 4)), [['body_reserialized', 'proven']])
add('JSON of tabs', fluxora(JSON.stringify(parsed, null, '\t')), [['body_reserialized', 'proven']])
add('JSON of Python', fluxora('{"a": 1, "b": [1, 2], "c": {}}', '{"a":1,"b":[1,2],"c":{}}'), [
  ['body_reserialized', 'proven'],
])
add('JSON of two spaces and a line break', fluxora(`${JSON.stringify(parsed, null, 2)}\n`), [
  ['body_reserialized', 'proven'],
])
add('JSON of Jackson', fluxora('{\n  "a" : 1,\n  "b" : [ 1, 2 ],\n  "c" : { }\n}', '{"a":1,"b":[1,2],"c":{}}'), [
  ['body_reserialized', 'proven'],
])
add('digits and duplicates are kept', fluxora('{"a": 1.50, "a": 2e3}', '{"a":1.50,"a":2e3}'), [
  ['body_reserialized', 'proven'],
])
add('Python escapes and spaces', fluxora('{"name": "Zo\\u00eb", "x": 1}', '{"name":"Zoë","x":1}'), [
  ['body_reserialized', 'proven'],
])
add('escapes of Python', fluxora(escaped(BODY, /ë/g)), [['body_unicode_escapes', 'proven']])
add('escapes in capitals', fluxora(BODY.replace('ë', '\\u00EB')), [['body_unicode_escapes', 'proven']])
add('escapes of Go', fluxora(escaped(BODY, /[<>&]/g)), [['body_html_escapes', 'proven']])
add('escapes of .NET', fluxora('{"a":"1 \\u002B 1 \\u0026 \\u0022x\\u0022 \\u00EB"}', '{"a":"1 + 1 & \\"x\\" ë"}'), [
  ['body_html_escapes', 'proven'],
])
add('escapes of Gson', fluxora('{"a":"x\\u003d1 \\u0027y\\u0027"}', `{"a":"x=1 'y'"}`), [
  ['body_html_escapes', 'proven'],
])
add('slashes of PHP', fluxora(BODY.replace('/', '\\/')), [['body_slash_escapes', 'proven']])
add('slashes and escapes of PHP', fluxora(escaped(BODY.replace('/', '\\/'), /ë/g)), [['body_slash_escapes', 'proven']])
add('slashes that were unescaped by the sender', fluxora('{"a":"b/c"}', '{"a":"b\\/c"}'), [
  ['body_slash_escapes', 'proven'],
])
add('sorted members', fluxora('{"a":1,"b":{"c":1,"d":2}}', '{"b":{"d":2,"c":1},"a":1}'), [['body_key_order', 'proven']])
add('sorted members, Python', fluxora('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'), [['body_key_order', 'proven']])
add('numbers that were rounded', fluxora('{"id":12345678901234567890}', '{"id":12345678901234567000}'), [
  ['body_numbers', 'hint'],
])
add('members that were sorted', fluxora('{"c":"z","a":"x","b":"y"}', '{"a":"x","b":"y","c":"z"}'), [
  ['nothing_matches', 'fact'],
  ['body_key_order', 'hint'],
])
add('bytes that were lost', fluxora(Buffer.from('{"a":"\xe9\xe9"}', 'latin1'), '{"a":"\ufffd\ufffd"}'), [
  ['body_replacement', 'hint'],
])
add('CRLF to LF', fluxora('a\r\nb\r\n', 'a\nb\n'), [['body_line_endings', 'proven']])
add('LF to CRLF', fluxora('a\nb\n', 'a\r\nb\r\n'), [['body_line_endings', 'proven']])
add('a line break that was removed', fluxora(`${BODY}\n`), [['body_newline', 'proven']])
add('a byte order mark that was dropped', fluxora(`\ufeff${BODY}`), [['body_bom', 'proven']])
add('NFC of NFD', fluxora('{"name":"Zoe\u0308"}', '{"name":"Zoë"}'), [['body_normalized', 'proven']])
add('nothing was signed', fluxora(''), [['body_empty', 'proven']])
add('nothing arrived', fluxora(BODY, ''), [['body_empty', 'fact']])
add('an object as text', fluxora(BODY, '[object Object]'), [['body_empty', 'hint']])
add('a body that was cut', fluxora(BODY, BODY.slice(0, 40)), [['body_truncated', 'fact']])
const long = { headers: { ...fluxora(BODY).headers, 'content-length': '200' } }
add('a body shorter than announced', fluxora(BODY, 'a=1', long), [['body_truncated', 'fact']])
add('a form where JSON was signed', fluxora(BODY, new URLSearchParams({ payload: BODY }).toString()), [
  ['body_form_field', 'proven'],
])
add('spaces in a form', fluxora('a=1+2&b=%C3%AB', 'a=1%202&b=%C3%AB'), [['body_form_field', 'proven']])
add('base64 that was decoded', fluxora(Buffer.from(BODY).toString('base64'), BODY), [['body_base64', 'proven']])
add('gzip that was signed inflated', fluxora(BODY, gzipSync(BODY), {}), [['body_compressed', 'proven']])
const inflatedHeaders = { headers: { ...fluxora(gzipSync(BODY)).headers, 'content-encoding': 'gzip' } }
add('gzip that was inflated', fluxora(BODY, BODY, inflatedHeaders), [['body_compressed', 'hint']])

// What is signed, and how.
const form = (cause, content) =>
  add(cause, fluxora('', BODY, { headers: fluxoraHeaders(mac(content)) }), [['content_form', 'proven']])
form('the body alone', BODY)
form('time:body', `${NOW}:${BODY}`)
form('time,body', `${NOW},${BODY}`)
form('time and body', NOW + BODY)
form('v0:time:body', `v0:${NOW}:${BODY}`)
form('id.time.body', `evt_1.${NOW}.${BODY}`)
form('body.time', `${BODY}.${NOW}`)
add('stripe: body alone', stripe(BODY), [['content_form', 'proven']])
add('github: time.body is not signed, id.body is', github(`sha256=${mac(`d1.${BODY}`)}`), [['content_form', 'proven']])
add('standard: another id', standard(`evt_1.${NOW}.${BODY}`, Buffer.from(BASE64_SECRET.slice(6), 'base64')), [
  ['content_id', 'proven'],
])
add('standard: no id', standard(`${NOW}.${BODY}`, Buffer.from(BASE64_SECRET.slice(6), 'base64')), [
  ['content_form', 'proven'],
])
add('stripe: milliseconds are signed', stripe(`${NOW}000.${BODY}`), [['content_timestamp', 'proven']])
add('stripe: a date is signed', stripe(`2024-03-09T16:00:00.000Z.${BODY}`), [['content_timestamp', 'proven']])
const url = 'https://api.example.com/hooks?a=1'
add('the URL is signed', fluxora('', BODY, { url, headers: fluxoraHeaders(mac(url + BODY)) }), [
  ['content_url', 'proven'],
])
const hash = (name, key, encoding) => mac(BODY, { hash: name, key, encoding })
add('SHA-1', github(`sha256=${hash('sha1')}`), [['algorithm_other', 'proven']])
add('SHA-512', github(`sha256=${hash('sha512')}`), [['algorithm_other', 'proven']])
add(
  'a hash of the secret and the body',
  github(
    `sha256=${createHash('sha256')
      .update(SECRET + BODY)
      .digest('hex')}`,
  ),
  [['algorithm_other', 'proven']],
)

// How the signature is written.
const good = hash('sha256')
add('capitals', github(`sha256=${good.toUpperCase()}`), [['signature_encoding', 'proven']])
add('no prefix', github(good), [['signature_encoding', 'proven']])
add('doubled prefix', github(`sha256=sha256=${good}`), [['signature_encoding', 'proven']])
add('base64 for hexadecimal', github(`sha256=${hash('sha256', SECRET, 'base64')}`), [['signature_encoding', 'proven']])
add('url-safe base64', github(`sha256=${hash('sha256', SECRET, 'base64url')}`), [['signature_encoding', 'proven']])
add('0x', github(`sha256=0x${good}`), [['signature_encoding', 'proven']])
add('quoted', github(`"sha256=${good}"`), [['signature_header', 'proven']])
add('percent-encoded', github(`sha256%3D${good}`), [['signature_header', 'proven']])
add('white space around it', github(` sha256=${good} `), [['signature_header', 'proven']])
add('folded', github(`sha256=${good.slice(0, 32)}\r\n ${good.slice(32)}`), [['signature_header', 'proven']])
add('joined', github(`sha256=${'0'.repeat(64)}, sha256=${good}`), [['signature_header', 'proven']])
add('cut', github(`sha256=${good.slice(0, 40)}`), [['signature_header', 'fact']])
const twice = [
  ['X-Hub-Signature-256', `sha256=${good}`],
  ['X-Hub-Signature-256', `sha256=${good}`],
]
add('sent twice', github('', { headers: twice }), [['header_repeated', 'fact']])

// Headers and time.
const { 'x-fluxora-signature': _, ...unsigned } = fluxoraHeaders('')
add('no signature', fluxora(BODY, BODY, { headers: unsigned }), [['header_missing', 'fact']])
const signature = mac(`${NOW}.${BODY}`)
const renamed = {
  'x-fluxora-delivery-id': 'evt_1',
  HTTP_X_FLUXORA_TIMESTAMP: String(NOW),
  'x-fluxora-signature': signature,
}
add('a renamed header', fluxora(BODY, BODY, { headers: renamed }), [['header_missing', 'fact']])
const { 'x-fluxora-delivery-id': __, ...withoutId } = fluxoraHeaders(signature)
add('no id', fluxora(BODY, BODY, { headers: withoutId }), [['header_missing', 'fact']])
add('late', fluxora(BODY, BODY, { now: NOW + 4321 }), [['clock_skew', 'fact']])
add('ahead', fluxora(BODY, BODY, { now: NOW - 4321 }), [['clock_skew', 'fact']])
add('two hours behind', fluxora(BODY, BODY, { now: NOW + 7203 }), [['timestamp_zone', 'fact']])
add('five and a half hours ahead', fluxora(BODY, BODY, { now: NOW - 19_800 }), [['timestamp_zone', 'fact']])
const inMilliseconds = fluxoraHeaders(mac(`${NOW}000.${BODY}`), NOW * 1000)
add('milliseconds', fluxora(BODY, BODY, { headers: inMilliseconds }), [['timestamp_milliseconds', 'fact']])

// Secrets.
const key = Buffer.from(BASE64_SECRET.slice(6), 'base64')
add('base64 used as text', stripe(`${NOW}.${BODY}`, { secrets: Buffer.from(SECRET).toString('base64') }), [
  ['secret_derivation', 'proven'],
])
add('hexadecimal used as text', stripe(`${NOW}.${BODY}`, { secrets: Buffer.from(SECRET).toString('hex') }), [
  ['secret_derivation', 'proven'],
])
add('text where base64 is due', standard(`msg_1.${NOW}.${BODY}`, BASE64_SECRET), [['secret_derivation', 'proven']])
add('text without its prefix', standard(`msg_1.${NOW}.${BODY}`, BASE64_SECRET.slice(6)), [
  ['secret_derivation', 'proven'],
])
const prefixed = { headers: { 'Stripe-Signature': `t=${NOW},v1=${mac(`${NOW}.${BODY}`, { key: `whsec_${SECRET}` })}` } }
add('whsec_ was dropped', stripe('', prefixed), [['secret_derivation', 'proven']])
add('percent-encoded secret', stripe(`${NOW}.${BODY}`, { secrets: 'top%73ecret' }), [['secret_encoded', 'proven']])
const ampersand = github(`sha256=${mac(BODY, { key: 'a&b<c' })}`, { secrets: 'a&amp;b&lt;c' })
add('HTML escapes in the secret', ampersand, [['secret_encoded', 'proven']])
add('an undefined secret', github(`sha256=${good}`, { secrets: 'undefined' }), [['secret_unusable', 'hint']])
add('a variable as a secret', github(`sha256=${good}`, { secrets: '$WEBHOOK_SECRET' }), [['secret_unusable', 'hint']])
add('an empty secret', github(`sha256=${good}`, { secrets: '' }), [['secret_unusable', 'fact']])
add('a secret that was cut', github(`sha256=${good}`, { secrets: 'top#' }), [['secret_truncated', 'hint']])

// Other senders, public keys.
const svix = {
  'svix-id': 'msg_1',
  'svix-timestamp': String(NOW),
  'svix-signature': `v1,${mac(`msg_1.${NOW}.${BODY}`, { key, encoding: 'base64' })}`,
}
add('svix sent to stripe', stripe('', { headers: svix, secrets: BASE64_SECRET }), [['scheme_other', 'proven']])
add('stripe sent to fluxora', { ...stripe(`${NOW}.${BODY}`), scheme: 'fluxora' }, [['scheme_other', 'proven']])
add('github sent to stripe', { ...github(`sha256=${good}`), scheme: 'stripe' }, [['scheme_other', 'proven']])
const v1a = { headers: { ...standard('', key).headers, 'webhook-signature': `v1a,${'A'.repeat(86)}==` } }
add('v1a without a public key', standard('', key, v1a), [['key_kind', 'fact']])

// Nothing.
for (const [at, make] of [
  () => fluxora('x'),
  () => github(`sha256=${'0'.repeat(64)}`),
  () => stripe('x'),
  () => standard('x', key),
].entries()) {
  add(`nothing, ${at}`, { ...make(), body: '"text"' }, [['nothing_matches', 'fact']])
}

// More faults of the same kinds, from bug reports.
add('a Buffer as JSON', github(`sha256=${good}`, { body: JSON.stringify(Buffer.from(BODY)) }), [
  ['body_wrapped', 'proven'],
])
add('an array as JSON', github(`sha256=${good}`, { body: JSON.stringify(Uint8Array.from(Buffer.from(BODY))) }), [
  ['body_wrapped', 'proven'],
])
add('SHA-384', github(`sha256=${hash('sha384')}`), [['algorithm_other', 'proven']])
const slackHeaders = [
  ['X-Slack-Signature', `v0=${mac(`v0:${NOW}:${BODY}`)}`],
  ['X-Slack-Request-Timestamp', `${NOW}`],
]
const slack = { scheme: 'slack', secrets: SECRET, now: NOW, body: BODY }
add('a timestamp sent twice', { ...slack, headers: [...slackHeaders, slackHeaders[1]] }, [['header_repeated', 'fact']])
const joined = [slackHeaders[0], ['X-Slack-Request-Timestamp', `${NOW}, ${NOW}`]]
add('a timestamp joined from two', { ...slack, headers: joined }, [['header_repeated', 'fact']])

// Faults that were made by hand, by somebody who had not seen the search.
const ofForm = 'token=a&text=b+c%21'
const entities = BODY.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
add('a form that became JSON', fluxora(ofForm, '{"token":"a","text":"b c!"}'), [['body_form_field', 'proven']])
add('JSON that was parsed as a form', fluxora('{"a":"b"}', '{"{\\"a\\":\\"b\\"}":""}'), [['body_form_field', 'proven']])
add('JSON that was percent-encoded', fluxora(BODY, encodeURIComponent(BODY)), [['body_form_field', 'proven']])
add('HTML entities', fluxora(BODY, entities), [['body_html_escapes', 'proven']])
add('UTF-16', fluxora(BODY, Buffer.from(`\ufeff${BODY}`, 'utf16le')), [['body_charset', 'proven']])
const once = Buffer.from(BODY).toString('latin1')
add('Latin-1, twice', fluxora(BODY, Buffer.from(once).toString('latin1')), [['body_charset', 'proven']])
const ofSecret = (secrets) => github(`sha256=${good}`, { secrets })
add('curly quotation marks', ofSecret(`\u201c${SECRET}\u201d`), [['secret_quoted', 'proven']])
add('an invisible character inside', ofSecret(SECRET.replace('s', '\u200bs')), [['secret_whitespace', 'proven']])
add('a secret in UTF-16', ofSecret(`\ufffd\ufffd${[...SECRET].map((unit) => `${unit}\0`).join('')}`), [
  ['secret_encoded', 'proven'],
])
const asKubernetesShowsIt = Buffer.from(`${BASE64_SECRET}\n`).toString('base64')
add('base64 of Kubernetes', standard(`msg_1.${NOW}.${BODY}`, key, { secrets: asKubernetesShowsIt }), [
  ['secret_derivation', 'proven'],
])
add('a masked signature', github('sha256=****************'), [['signature_header', 'fact']])
const squareUrl = 'https://hooks.example.com/in/acme?a=1'
const square = (received, headers) => ({
  scheme: 'square',
  secrets: SECRET,
  now: NOW,
  url: received,
  body: BODY,
  headers: { 'x-square-hmacsha256-signature': mac(squareUrl + BODY, { encoding: 'base64' }), ...headers },
})
add('a prefix that was cut off', square('https://hooks.example.com/acme?a=1', { 'x-forwarded-prefix': '/in' }), [
  ['content_url', 'proven'],
])
const forwarded = { forwarded: 'for=192.0.2.1;host=hooks.example.com;proto=https' }
add('a proxy that says so', square('http://10.0.0.7:3000/in/acme?a=1', forwarded), [['content_url', 'proven']])

const document = { source: 'scripts/vectors/make-diagnose-vectors.mjs', cases }
writeFileSync('test/vectors/diagnose.json', `${JSON.stringify(document, null, 2)}\n`)
console.log(`${cases.length} broken deliveries of ${new Set(cases.map(({ scheme }) => scheme)).size} schemes`)
