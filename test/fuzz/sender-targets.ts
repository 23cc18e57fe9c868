// Fuzzes every sender's scheme, on both engines and through a receiver, from a genuine delivery of each (test/vectors/senders.json); and the
// handshakes, through a route.

import { createAsyncWebhookVerifier, createWebhookRoute } from '../../src/adapters/fetch.ts'
import * as webhook from '../../src/webhook/index.ts'
import * as schemes from '../../src/webhook/schemes/index.ts'
import vectors from '../vectors/senders.json' with { type: 'json' }
import { schemeOf } from '../webhook/sender-support.ts'
import type { Target } from './targets.ts'
import type { Tree } from './values.ts'

// Arguments are junk, so no type fits them.
type Any = never

function known(code: string): string {
  if (!Object.hasOwn(webhook.WEBHOOK_STATUS, code)) throw new Error(`undocumented code ${code}`)
  return code
}

const senders: Target[] = vectors.cases
  .filter(({ scheme }, index) => vectors.cases.findIndex((other) => other.scheme === scheme) === index)
  .map(({ scheme: name, secret, now, headers, body, ...more }) => {
    const options = { scheme: schemeOf(name), secrets: secret, now: () => now }
    const verifier = webhook.createWebhookVerifier(options)
    const asyncVerifier = createAsyncWebhookVerifier(options)
    const url = 'url' in more ? more.url : undefined
    return {
      name: `sender ${name}`,
      throws: url === undefined ? 'never' : 'typed', // a program that passes no URL for a scheme that signs it is told so
      seeds: [
        [headers, body, url ?? null],
        [Object.entries(headers).flat(), { $bytes: Buffer.from(body).toString('hex') }, url ?? null],
      ] as Tree[][],
      call: async (bag: Any, given: Any, address: Any) => {
        const input = { headers: bag, body: typeof given === 'function' ? '' : given, url: address ?? undefined } as Any
        const { code } = verifier.verify(input)
        const later = await asyncVerifier.verify(input)
        if (later.code !== code) throw new Error(`node: ${code}, WebCrypto: ${later.code}`)
        const receiver = webhook.createWebhookReceiver({ ...options, onOutcome: false })
        const received = [await receiver.receive(input, () => {}), await receiver.receive(input, () => {})]
        return [known(code), ...received.map((outcome) => known(outcome.code))].join(', ')
      },
    }
  })

const HANDSHAKES = {
  dropbox: schemes.dropboxHandshake(),
  meta: schemes.metaHandshake({ verifyToken: 'meatyhamhock' }),
  slack: schemes.slackHandshake(),
  twitch: schemes.twitchHandshake(),
  xero: schemes.xeroHandshake(),
  zoom: schemes.zoomHandshake(),
}

const SECRET = 'topsecret-of-eight'
const CHALLENGES: Tree[] = [
  { type: 'url_verification', challenge: 'abc' },
  { challenge: 'abc' },
  { events: [] },
  { event: 'endpoint.url_validation', payload: { plainToken: 'abc' } },
]

let count = 0

const handshakes: Target[] = Object.entries(HANDSHAKES).flatMap(([name, handshake]): Target[] => {
  const options = { scheme: schemeOf(name), secrets: SECRET, handshake, onOutcome: false } as const
  const signer = webhook.createWebhookSigner({ scheme: options.scheme, secrets: SECRET })
  const route = createWebhookRoute(options, () => {})
  return [
    {
      name: `handshake ${name} by GET`,
      throws: 'never',
      seeds: [
        ['?challenge=abc'],
        ['?hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=abc'],
        ['?hub.mode=subscribe&hub.verify_token=meatyhamhoc&hub.challenge=<b>'],
      ],
      call: async (query: Any) => {
        const request = requestOf(() => new Request(`https://x.example/hooks${String(query)}`))
        return request === undefined ? 'no request' : describeAnswer(await route(request))
      },
    },
    {
      name: `handshake ${name}, signed`,
      throws: 'never',
      seeds: CHALLENGES.map((challenge) => [challenge]),
      call: async (value: Any) => {
        const body = textOf(value)
        if (body === undefined) return 'no text'
        const headers = signer.sign({ body, deliveryId: `d-${count++}` })
        return describeAnswer(await route(new Request('https://x.example/hooks', { method: 'POST', headers, body })))
      },
    },
    {
      name: `handshake ${name}, unsigned`,
      throws: 'never',
      seeds: CHALLENGES.map((challenge) => [{}, challenge]),
      call: async (bag: Any, value: Any) => {
        const body = textOf(value)
        const request = requestOf(
          () => new Request('https://x.example/hooks', { method: 'POST', headers: bag, body: body as Any }),
        )
        if (request === undefined) return 'no request'
        const outcome = await describeAnswer(await route(request))
        if (!outcome.startsWith('4')) throw new Error(`answered without a signature: ${outcome}`)
        return outcome
      },
    },
  ]
})

function requestOf(make: () => Request): Request | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value)
    return typeof text === 'string' && text.isWellFormed() ? text : undefined
  } catch {
    return undefined
  }
}

/** The status, and what the answer says. Nothing that is echoed may be more than a short word, or be taken for HTML. */
async function describeAnswer(response: Response): Promise<string> {
  const type = response.headers.get('content-type') ?? 'no type'
  const body = await response.text()
  if (type.includes('html')) throw new Error(`answered as ${type}`)
  if (!type.startsWith('application/json')) {
    if (!/^[\w.~+/=:-]{0,256}$/.test(body)) throw new Error(`echoed ${body}`)
    return `${response.status} ${type}, ${body === '' ? 'empty' : 'echoed'}`
  }
  const { ok, error, encryptedToken } = JSON.parse(body)
  if (encryptedToken !== undefined) return `${response.status} encryptedToken`
  return `${response.status} ${ok ? 'ok' : known(String(error))}`
}

export const senderTargets: readonly Target[] = [...senders, ...handshakes]
