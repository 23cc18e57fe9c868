// Signatures by public keys, asked of both engines: each bit of one flipped, signatures that anybody can derive from a valid one, numbers out
// of their range, and one kind of signature in the place of another. `npm run wycheproof` asks about many more.

import { createHmac, generateKeyPairSync, type KeyObject, sign as nodeSign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAsyncWebhookVerifier } from '../../src/adapters/fetch.ts'
import {
  createWebhookSigner,
  createWebhookVerifier,
  type WebhookScheme,
  type WebhookSecrets,
} from '../../src/webhook/index.ts'
import {
  defineScheme,
  hex,
  singleSignature,
  standardWebhooks,
  type WebhookAlgorithm,
} from '../../src/webhook/schemes/index.ts'
import { NOW, thrownBy } from './support.ts'

const BODY = '{"id":"evt_1"}'

const schemeBy = (algorithm: WebhookAlgorithm): WebhookScheme =>
  defineScheme({
    name: algorithm,
    headers: { signature: 'x-signature' },
    signed: ['body'],
    signature: singleSignature({ encoding: hex }),
    algorithm,
  })

/** What both engines say of a delivery: one code, or a failure of the test if they differ. */
function judgeOf(
  scheme: WebhookScheme,
  secrets: WebhookSecrets,
): (headers: Record<string, string>, body?: string) => Promise<string> {
  const options = { scheme, secrets, now: () => NOW }
  const [verifier, later] = [createWebhookVerifier(options), createAsyncWebhookVerifier(options)]
  return async (headers, body = BODY) => {
    const { code } = verifier.verify({ headers, body })
    expect((await later.verify({ headers, body })).code, JSON.stringify(headers)).toBe(code)
    return code
  }
}

interface Signed {
  readonly signature: Buffer
  readonly codeOf: (signature: Uint8Array) => Promise<string>
}

/** A new key and its signature of the body. */
function signedBy(algorithm: WebhookAlgorithm, { publicKey, privateKey }: Record<string, KeyObject>): Signed {
  const judge = judgeOf(schemeBy(algorithm), String(publicKey?.export({ type: 'spki', format: 'pem' })))
  const hash = algorithm === 'ed25519' ? undefined : 'sha256'
  return {
    signature: nodeSign(hash, Buffer.from(BODY), privateKey as KeyObject),
    codeOf: (signature) => judge({ 'x-signature': Buffer.from(signature).toString('hex') }),
  }
}

const makers: Record<string, () => Signed> = {
  ed25519: () => signedBy('ed25519', { ...generateKeyPairSync('ed25519') }),
  'ecdsa-p256-sha256': () => signedBy('ecdsa-p256-sha256', { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }),
  'rsa-sha256': () => signedBy('rsa-sha256', { ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }),
}

describe.each(Object.entries(makers))('%s', (_, make) => {
  it('refuses a signature with any of its bits flipped', { timeout: 60_000 }, async () => {
    const { signature, codeOf } = make()
    expect(await codeOf(signature)).toBe('ok')
    for (let bit = 0; bit < 8 * signature.length; bit++) {
      const flipped = Buffer.from(signature)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      // A flipped bit may spoil the form of an ECDSA signature, which is for the engine to find.
      expect(await codeOf(flipped), `bit ${bit}`).toBe('signature_mismatch')
    }
  })

  it('refuses one that was cut, or that has something behind it', async () => {
    const { signature, codeOf } = make()
    for (let length = 0; length < signature.length; length++) {
      expect(await codeOf(signature.subarray(0, length))).toMatch(
        /^(signature_mismatch|(malformed|missing)_signature)$/,
      )
    }
    for (const end of [[0], [0, 0], [0x30], [0xff]]) {
      expect(await codeOf(Buffer.concat([signature, Buffer.from(end)]))).not.toBe('ok')
    }
  })
})

const fromLittleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
const toLittleEndian = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()

describe('Ed25519', () => {
  /** RFC 8032 section 5.1: the order of the base point. */
  const L = 2n ** 252n + 27742317777372353535851937790883648493n

  it('refuses an S that is not below L (RFC 8032 section 5.1.7): with it, each signature would have a second form', async () => {
    const { signature, codeOf } = makers.ed25519!()
    const s = fromLittleEndian(signature.subarray(32))
    expect(s < L).toBe(true)
    for (let times = 1n; s + times * L < 2n ** 256n; times++) {
      const other = Buffer.concat([signature.subarray(0, 32), toLittleEndian(s + times * L)])
      expect(await codeOf(other), `S + ${times} L`).toBe('signature_mismatch')
    }
  })

  it('refuses what proves anything under keys of small order: R and S of the neutral element', async () => {
    const { codeOf } = makers.ed25519!()
    for (const r of [0n, 1n, 2n ** 255n - 20n, 2n ** 255n - 19n]) {
      for (const s of [0n, 1n, L - 1n, L]) {
        expect(await codeOf(Buffer.concat([toLittleEndian(r), toLittleEndian(s)]))).toBe('signature_mismatch')
      }
    }
  })

  it('refuses everything under a y that is on no point of the curve, on both engines', async () => {
    const { signature } = makers.ed25519!()
    const judge = judgeOf(schemeBy('ed25519'), `02${'00'.repeat(31)}`)
    expect(await judge({ 'x-signature': signature.toString('hex') })).toBe('signature_mismatch')
  })
})

describe('ECDSA P-256', () => {
  /** FIPS 186-5, SP 800-186 section 3.2.1.3: the order of the base point. */
  const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

  /** In DER (RFC 3279 section 2.2.3): two positive integers in their shortest form. */
  const integer = (number: bigint): Buffer => {
    const digits = number.toString(16)
    const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
    const content = (bytes[0] as number) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
    return Buffer.concat([Buffer.of(2, content.length), content])
  }
  const inDer = (r: bigint, s: bigint): Buffer => {
    const content = Buffer.concat([integer(r), integer(s)])
    return Buffer.concat([Buffer.of(0x30, content.length), content])
  }
  const numbersOf = (signature: Buffer): [bigint, bigint] => {
    const length = signature[3] as number
    const [r, s] = [signature.subarray(4, 4 + length), signature.subarray(6 + length)]
    return [BigInt(`0x${r.toString('hex')}`), BigInt(`0x${s.toString('hex')}`)]
  }

  it('takes both (r, s) and (r, n - s), as both platforms do: no delivery may be known by its signature', async () => {
    const { signature, codeOf } = makers['ecdsa-p256-sha256']!()
    const [r, s] = numbersOf(signature)
    expect(inDer(r, s)).toEqual(signature)
    expect(await codeOf(inDer(r, N - s))).toBe('ok')
  })

  it('refuses numbers that are zero or not below n (FIPS 186-5 section 6.4.2)', async () => {
    const { signature, codeOf } = makers['ecdsa-p256-sha256']!()
    const [r, s] = numbersOf(signature)
    for (const [r1, s1] of [
      [0n, 0n],
      [0n, s],
      [r, 0n],
      [r, N],
      [N, s],
      [r, N + s],
      [r + N, s],
      [1n, 1n],
      [N, N],
      [2n ** 256n - 1n, s],
    ] as const) {
      expect(await codeOf(inDer(r1, s1))).toMatch(/^(signature_mismatch|malformed_signature)$/)
    }
  })

  it('refuses r and s in another form than DER: bare, with long lengths, with zeros before them, without an end', async () => {
    const { signature, codeOf } = makers['ecdsa-p256-sha256']!()
    const [r, s] = numbersOf(signature)
    const bare = Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex')
    const content = signature.subarray(2)
    const rest = content.subarray(2 + (content[1] as number))
    const first = content.subarray(2, 2 + (content[1] as number))
    const zeroBefore = Buffer.concat([Buffer.of(2, first.length + 1, 0), first, rest])
    for (const other of [
      bare,
      Buffer.concat([Buffer.of(0x30, 0x81, content.length), content]),
      Buffer.concat([Buffer.of(0x30, 0x80), content, Buffer.of(0, 0)]),
      Buffer.concat([Buffer.of(0x31, content.length), content]),
      Buffer.concat([Buffer.of(0x30, zeroBefore.length), zeroBefore]),
      Buffer.concat([Buffer.of(0x30, content.length + 2), content, Buffer.of(5, 0)]),
    ]) {
      expect(await codeOf(other), other.toString('hex')).toMatch(/^(signature_mismatch|malformed_signature)$/)
    }
  })

  it('refuses a point that is not on the curve: when the verifier is made or, over WebCrypto, when it first verifies', async () => {
    const options = { scheme: schemeBy('ecdsa-p256-sha256'), secrets: `04${'11'.repeat(64)}` }
    expect(thrownBy(() => createWebhookVerifier(options))).toMatchObject({ code: 'invalid_secret' })
    const input = { headers: { 'x-signature': '3006020101020101' }, body: BODY }
    await expect(createAsyncWebhookVerifier(options).verify(input)).rejects.toMatchObject({ code: 'invalid_secret' })
  })
})

describe('one kind of signature in the place of another, in Standard Webhooks', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const whpk = `whpk_${raw.toString('base64')}`
  const whsec = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const message = Buffer.from(`d1.${NOW}.${BODY}`)
  const headersWith = (signature: string): Record<string, string> => ({
    'webhook-id': 'd1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': signature,
  })
  const mac = (key: Uint8Array): Buffer => createHmac('sha256', key).update(message).digest()
  const genuine = nodeSign(undefined, message, privateKey)

  it('takes what the public key proves', async () => {
    expect(await judgeOf(standardWebhooks, whpk)(headersWith(`v1a,${genuine.toString('base64')}`))).toBe('ok')
  })

  it('refuses a MAC by the bytes or the text of the public key, which everybody has', async () => {
    const keys = [raw, Buffer.from(whpk), publicKey.export({ type: 'spki', format: 'der' })]
    for (const secrets of [whpk, [whpk, whsec], [whsec, whpk]]) {
      const judge = judgeOf(standardWebhooks, secrets)
      for (const key of keys) {
        const made = mac(key).toString('base64')
        expect(await judge(headersWith(`v1,${made}`))).not.toBe('ok')
        expect(await judge(headersWith(`v1a,${made}`))).not.toBe('ok')
        expect(await judge(headersWith(`v1a,${Buffer.concat([mac(key), mac(key)]).toString('base64')}`))).not.toBe('ok')
      }
    }
  })

  it('refuses a signature by a key of the attacker, where only a shared secret is configured', async () => {
    const judge = judgeOf(standardWebhooks, whsec)
    expect(await judge(headersWith(`v1a,${genuine.toString('base64')}`))).toBe('signature_mismatch')
    expect(await judge(headersWith(`v1,${genuine.toString('base64')}`))).toBe('malformed_signature')
    const [both, other] = [`v1,${mac(raw).toString('base64')}`, `v1a,${genuine.toString('base64')}`]
    expect(await judge(headersWith(`${both} ${other}`))).toBe('signature_mismatch')
  })

  it('is proven by either, in a rotation from one to the other', async () => {
    const judge = judgeOf(standardWebhooks, [whsec, whpk])
    const der = privateKey.export({ type: 'pkcs8', format: 'der' })
    const whsk = `whsk_${der.subarray(-32).toString('base64')}`
    for (const secrets of [whsec, whsk, [whsec, whsk]]) {
      const signer = createWebhookSigner({ scheme: standardWebhooks, secrets, now: () => NOW })
      expect(await judge(signer.sign({ body: BODY, deliveryId: 'd1' }))).toBe('ok')
    }
  })
})
