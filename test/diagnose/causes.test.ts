// Causes that came to light when deliveries were broken by hand: in secrets, bodies, headers and URLs. Each is signed here without the library.

import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type DiagnoseInput, diagnoseDelivery } from '../../src/diagnose/index.ts'
import {
  github,
  hubspot,
  square,
  standardWebhooks,
  stripe,
  twilio,
  type WebhookScheme,
} from '../../src/webhook/schemes/index.ts'

const NOW = 1_710_000_000
const BODY = '{"id":"evt_1","note":"Zoë paid 5 € <now> & then","tags":["a"]}'
const SECRET = 'It is a secret to everybody'

type Signed = string | Uint8Array
const mac = (key: Signed, ...content: readonly Signed[]) => {
  const hmac = createHmac('sha256', key)
  for (const part of content) hmac.update(part)
  return hmac
}

const ofGithub = (signed: Signed, more: Partial<DiagnoseInput> = {}): DiagnoseInput => ({
  scheme: github,
  secrets: SECRET,
  headers: { 'x-hub-signature-256': `sha256=${mac(SECRET, signed).digest('hex')}` },
  body: signed,
  now: NOW,
  ...more,
})

async function first(input: DiagnoseInput) {
  const { findings } = await diagnoseDelivery(input)
  const [{ code, certainty, transformation } = { code: 'none', certainty: 'none', transformation: undefined }] =
    findings
  return [certainty, code, ...(transformation ?? [])]
}

describe('a secret', () => {
  it.each([
    ['in typographic quotation marks', `“${SECRET}”`, 'secret_quoted', 'quotation marks removed'],
    [
      'with an invisible character inside',
      SECRET.replace('a s', 'a\u200b s'),
      'secret_whitespace',
      'invisible characters removed',
    ],
    [
      'with spaces that do not break',
      SECRET.replaceAll(' ', '\u00a0'),
      'secret_whitespace',
      'every kind of space made a plain one',
    ],
    ['as Kubernetes shows it', btoa(`${SECRET}\n`), 'secret_derivation', 'the text inside its base64'],
    [
      'from a UTF-16 file, read as UTF-8',
      `\ufffd\ufffd${[...`${SECRET}\r\n`].map((unit) => `${unit}\0`).join('')}`,
      'secret_encoded',
      'UTF-16 decoded',
    ],
    ['from a UTF-16 file, as bytes', Buffer.from(`\ufeff${SECRET}\r\n`, 'utf16le'), 'secret_encoded', 'UTF-16 decoded'],
    [
      'from a big-endian UTF-16 file',
      Buffer.from(`\ufeff${SECRET}`, 'utf16le').swap16(),
      'secret_encoded',
      'UTF-16 decoded',
    ],
  ])('%s', async (_, secrets, code, what) => {
    expect(await first(ofGithub(BODY, { secrets }))).toEqual(['proven', code, `secret: ${what}`])
  })

  it('in base64 that was encoded once more is read by its scheme', async () => {
    const secret = `whsec_${btoa('thirty-two bytes of a shared key')}`
    const signature = mac('thirty-two bytes of a shared key', `msg_1.${NOW}.${BODY}`).digest('base64')
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(NOW), 'webhook-signature': `v1,${signature}` }
    for (const secrets of [btoa(secret), btoa(`${secret}\n`)]) {
      const input = { scheme: standardWebhooks, secrets, headers, body: BODY, now: NOW }
      expect(await first(input)).toEqual(['proven', 'secret_derivation', 'secret: the text inside its base64'])
    }
  })

  it('in half of UTF-16 is no text', async () => {
    const secrets = Uint8Array.of(0xff, 0xfe, 0x61)
    expect(await first(ofGithub(BODY, { secrets }))).toEqual(['fact', 'nothing_matches'])
  })
})

const latin = (text: Signed): string => Buffer.from(text as string).toString('latin1')

describe('a body', () => {
  it.each<[string, Signed, Signed, string, string]>([
    ['in UTF-16', BODY, Buffer.from(`\ufeff${BODY}`, 'utf16le'), 'body_charset', 'read as UTF-16, written as UTF-8'],
    ['taken for Latin-1 twice', BODY, latin(latin(BODY)), 'body_charset', 'UTF-8 decoded, written as Latin-1, twice'],
    [
      'signed in Cyrillic',
      Uint8Array.of(0x22, 0xcf, 0xf0, 0xe8, 0x22),
      '"При"',
      'body_charset',
      'UTF-8 decoded, written as Windows-1251',
    ],
    [
      'written in ISO-8859-15',
      '"5 €"',
      Uint8Array.of(0x22, 0x35, 0x20, 0xa4, 0x22),
      'body_charset',
      'read as ISO-8859-15, written as UTF-8',
    ],
    [
      'with HTML entities',
      BODY,
      BODY.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;'),
      'body_html_escapes',
      'HTML entities decoded',
    ],
    [
      'with entities for quotation marks',
      BODY,
      BODY.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
      'body_html_escapes',
      'HTML entities decoded',
    ],
    [
      'that was a form, and is JSON',
      'token=a&text=b+c%21&list=1&list=2',
      '{"token":"a","text":"b c!","list":["1","2"]}',
      'body_form_field',
      'JSON of its fields written as a form, with + for spaces',
    ],
    [
      'that was a form with %20, and is JSON',
      'text=b%20c',
      '{"text":"b c"}',
      'body_form_field',
      'JSON of its fields written as a form, with %20 for spaces',
    ],
    [
      'that a form parser took for a name',
      '{"a":"b"}',
      '{"{\\"a\\":\\"b\\"}":""}',
      'body_form_field',
      'the name of its only field, taken out',
    ],
    ['that was percent-encoded', BODY, encodeURIComponent(BODY), 'body_form_field', 'percent-decoded'],
    [
      'that was percent-encoded with + for spaces',
      BODY,
      `${encodeURIComponent(BODY).replaceAll('%20', '+')}=`,
      'body_form_field',
      'percent-decoded',
    ],
  ])('%s', async (_, signed, body, code, what) => {
    expect(await first(ofGithub(signed, { body }))).toEqual(['proven', code, `body: ${what}`])
  })

  it('of Twilio that is JSON of its fields', async () => {
    const url = 'https://example.com/sms'
    const content = `${url}BodyHello there!From+15550001`
    const headers = { 'x-twilio-signature': createHmac('sha1', SECRET).update(content).digest('base64') }
    const body = '{"From":"+15550001","Body":"Hello there!"}'
    const [certainty, code] = await first({ scheme: twilio, secrets: SECRET, headers, body, url })
    expect([certainty, code]).toEqual(['proven', 'body_form_field'])
  })

  it.each(['%7B%', '{"a":{"b":1}}', '{}', '[]', '["a"]', 'null', '7', '{"a":"\\ud800"}'])(
    'that is no form is not taken for one: %s',
    async (body) => {
      const { findings } = await diagnoseDelivery(ofGithub('something else', { body }))
      expect(findings.filter(({ certainty }) => certainty === 'proven')).toEqual([])
    },
  )

  it('that was gzip, decoded as text, is lost', async () => {
    const body = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]).toString()
    expect(await first(ofGithub('something else', { body }))).toEqual(['hint', 'body_compressed'])
  })
})

describe('a signature', () => {
  it.each([
    'sha256=****************',
    'sha256=ab12…',
    'sha256=ab12...',
    '[REDACTED]',
    'sha256=<masked>',
    'redacted',
    '••••',
  ])('that is masked is not a signature: %s', async (signature) => {
    const { findings } = await diagnoseDelivery(ofGithub(BODY, { headers: { 'x-hub-signature-256': signature } }))
    expect(findings[0]).toMatchObject({ code: 'signature_header', certainty: 'fact' })
    expect(findings[0]?.message).toContain('masked')
    expect(findings.map(({ code }) => code)).not.toContain('nothing_matches')
  })

  it('with its time, percent-encoded as a whole', async () => {
    const text = encodeURIComponent(`t=${NOW},v1=${mac(SECRET, `${NOW}.${BODY}`).digest('hex')}`)
    const input = { scheme: stripe, secrets: SECRET, headers: { 'stripe-signature': text }, body: BODY, now: NOW }
    expect(await first(input)).toEqual(['proven', 'signature_header', 'signature: percent-decoded'])
  })

  it('in another form is told which form the scheme has', async () => {
    const headers = { 'x-hub-signature-256': mac(SECRET, BODY).digest('hex') }
    const { findings } = await diagnoseDelivery(ofGithub(BODY, { headers }))
    expect(findings[0]?.code).toBe('signature_encoding')
    expect(findings[0]?.message).toContain('The scheme has sha256=<hex>.')
  })
})

describe('a URL that is signed', () => {
  const URL_HERE = 'https://hooks.example.com/in/acme?tenant=7&x=1'
  const hubspotHeaders = (url: string) => ({
    'x-hubspot-request-timestamp': `${NOW}000`,
    'x-hubspot-signature-v3': mac(SECRET, `POST${url}${BODY}${NOW}000`).digest('base64'),
  })
  const squareHeaders = (url: string) => ({ 'x-square-hmacsha256-signature': mac(SECRET, url, BODY).digest('base64') })
  const signers: [WebhookScheme, (url: string) => Record<string, string>][] = [
    [square, squareHeaders],
    [hubspot, hubspotHeaders],
  ]
  const inside = 'http://10.0.0.7:3000/in/acme?tenant=7&x=1'

  it.each<[string, string, Record<string, string>, string]>([
    [
      'behind a proxy that says so in Forwarded',
      inside,
      { forwarded: 'for=192.0.2.1;proto=https;host="hooks.example.com", for=10.0.0.2' },
      'with the host of forwarded, and https',
    ],
    [
      'behind two proxies',
      inside,
      { 'x-forwarded-host': 'hooks.example.com, 10.0.0.2' },
      'with the host of x-forwarded-host, and https',
    ],
    [
      'without the prefix that a proxy cut off',
      'https://hooks.example.com/acme?tenant=7&x=1',
      { 'x-forwarded-prefix': '/in/' },
      'with the prefix of x-forwarded-prefix',
    ],
    [
      'rewritten by ingress-nginx',
      'https://hooks.example.com/?',
      { 'x-original-uri': '/in/acme?tenant=7&x=1' },
      'with the path of x-original-uri',
    ],
    [
      'rewritten, and http inside',
      'http://hooks.example.com/acme',
      { 'x-original-url': URL_HERE },
      'with the path of x-original-url, and https',
    ],
    [
      'rewritten, on another host',
      'https://10.0.0.7/acme',
      { host: 'hooks.example.com', 'x-envoy-original-path': '/in/acme?tenant=7&x=1' },
      'with the path of x-envoy-original-path, with the host of host',
    ],
    [
      'rewritten, on another host, http inside',
      'http://10.0.0.7/acme',
      { host: 'hooks.example.com', 'x-forwarded-uri': '/in/acme?tenant=7&x=1' },
      'with the path of x-forwarded-uri, with the host of host, and https',
    ],
    ['with a parameter too many', `${URL_HERE}&utm=1`, {}, 'without parameter 3 of its query'],
    ['with its host in capitals', URL_HERE.replace('hooks', 'HOOKS'), {}, 'with its host in lower case'],
    ['with www.', URL_HERE.replace('hooks', 'www.hooks'), {}, 'without www.'],
    [
      'as a path, with the host inside',
      '/in/acme?tenant=7&x=1',
      { host: '10.0.0.7', 'x-forwarded-host': 'hooks.example.com' },
      'with the host of x-forwarded-host',
    ],
  ])('%s', async (_, url, more, what) => {
    for (const [scheme, sign] of signers) {
      const input = { scheme, secrets: SECRET, headers: { ...sign(URL_HERE), ...more }, body: BODY, url, now: NOW }
      expect(await first(input)).toEqual(['proven', 'content_url', `content: URL ${what}`])
    }
  })

  it('without www.', async () => {
    const url = URL_HERE.replace('hooks', 'www.hooks')
    const input = { scheme: square, secrets: SECRET, headers: squareHeaders(url), body: BODY, url: URL_HERE, now: NOW }
    expect(await first(input)).toEqual(['proven', 'content_url', 'content: URL with www.'])
  })

  it('is pointed at where nothing matches', async () => {
    const input = { scheme: square, secrets: SECRET, headers: squareHeaders('https://elsewhere.example/'), body: BODY }
    const { findings } = await diagnoseDelivery({ ...input, url: URL_HERE, now: NOW })
    expect(findings.map(({ certainty, code }) => `${certainty} ${code}`)).toEqual([
      'fact nothing_matches',
      'hint content_url',
      'hint body_key_order',
    ])
  })
})

describe('a URL that no sender can have signed', () => {
  it.each(['https://example.com/%41\ud800?x=1', 'https://example.com/\udc00', '/\ud800'])(
    'is no reason to throw: %j',
    async (url) => {
      const headers = { 'x-twilio-signature': mac('another', url).digest('base64').slice(0, 27).concat('=') }
      const { findings } = await diagnoseDelivery({ scheme: twilio, secrets: SECRET, headers, body: 'a=1', url })
      expect(findings.map(({ code }) => code)).toContain('nothing_matches')
    },
  )
})

describe('a time that is off by quarters of an hour', () => {
  const late = (seconds: number): DiagnoseInput => {
    const headers = { 'stripe-signature': `t=${NOW},v1=${mac(SECRET, `${NOW}.${BODY}`).digest('hex')}` }
    return { scheme: stripe, secrets: SECRET, headers, body: BODY, now: NOW + seconds }
  }

  it.each([900, 1800, -2700, 20_700, -50_400])(
    'is a zone, from a quarter of an hour to fourteen: %d',
    async (seconds) => {
      expect(await first(late(seconds))).toEqual(['fact', 'timestamp_zone'])
    },
  )

  it.each([450, 920, 1_000, -3_620, 51_300])('is a clock otherwise: %d', async (seconds) => {
    expect(await first(late(seconds))).toEqual(['fact', 'clock_skew'])
  })

  it('may be a retry if it is behind, and is a zone if it is ahead', async () => {
    const [behind] = (await diagnoseDelivery(late(3605))).findings
    const [ahead] = (await diagnoseDelivery(late(-3605))).findings
    expect([behind?.code, ahead?.code]).toEqual(['timestamp_zone', 'timestamp_zone'])
    expect([behind?.message.includes('retry'), ahead?.message.includes('retry')]).toEqual([true, false])
  })
})
