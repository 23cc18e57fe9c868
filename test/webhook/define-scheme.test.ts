// Describing a scheme and a signature format: what is misspelt or makes no sense throws when it is made, and the compiler says what it can.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createWebhookSigner,
  createWebhookVerifier,
  defineScheme,
  isWebhookError,
  type SchemeDefinition,
} from '../../src/webhook/index.ts'
import {
  base64,
  fieldSignature,
  fluxora,
  hex,
  hexAnyCase,
  singleSignature,
  stripe,
  versionedSignature,
} from '../../src/webhook/schemes/index.ts'
import { clock, hmac, NOW, SCHEME_NAMES, schemeOf, thrownBy } from './support.ts'

type Any = never

const sound = {
  name: 'acme',
  headers: { signature: 'x-acme-signature', timestamp: 'x-acme-timestamp', deliveryId: 'x-acme-id' },
  signed: ['timestamp', '.', 'body'],
  signature: singleSignature({ encoding: hex }),
} as const satisfies SchemeDefinition

const messageOf = (definition: unknown): string => {
  const error = thrownBy(() => defineScheme(definition as Any))
  expect(error).toMatchObject({ name: 'WebhookError', code: 'invalid_scheme', option: 'scheme' })
  return (error as Error).message
}

/** What a scheme signs, found out by signing. */
const signedBy = (signed: SchemeDefinition['signed'], body = '{}', deliveryId = 'd1') => {
  const scheme = defineScheme({ ...sound, signed })
  const options = { scheme, secrets: 's', now: clock }
  const headers = createWebhookSigner(options).sign({ body, deliveryId })
  expect(createWebhookVerifier(options).verify({ headers, body })).toMatchObject({ code: 'ok' })
  return headers['x-acme-signature']
}
const macOf = (...parts: string[]) => hmac('s', ...parts).toString('hex')

describe('signed', () => {
  it.each([
    ['timestmap'],
    ['Timestamp'],
    ['timestamps'],
    ['deliveryID'],
    ['delivery_id'],
    ['delivery-id'],
    ['rawBody'],
    ['v0'],
    ['v'],
    ['x1_y'],
  ])('a bare word that is not a field is misuse: %j', (word) => {
    for (const signed of [
      [word, '.', 'body'],
      ['body', '.', word],
      ['timestamp', word, 'body'],
    ]) {
      expect(messageOf({ ...sound, signed })).toBe(
        `Scheme: signed holds ${word}, which is not a field. The fields are timestamp, deliveryId, body, method, url, path, sortedFormFields. Write a text that is a word as { text: '${word}' }.`,
      )
    }
  })

  it('a misspelt body is reported as misspelt, not as missing', () => {
    expect(messageOf({ ...sound, signed: ['timestamp', '.', 'boddy'] })).toMatch(/holds boddy/)
  })

  it('a word that is too long to be repeated is not', () => {
    const word = 'a'.repeat(65)
    expect(messageOf({ ...sound, signed: [word, 'body'] })).not.toContain(word)
  })

  it.each([
    ['v0:'],
    ['.'],
    [':'],
    ['v1|'],
    ['0'],
    ['$&'],
    ['a b'],
    ['é'],
    ['{timestamp}'],
    ['-x'],
    ['_x'],
    ['1a'],
    ['\n'],
  ])('any other text stands for itself: %j', (text) => {
    expect(signedBy([text, 'timestamp', text, 'body'])).toBe(macOf(`${text}${NOW}${text}{}`))
    expect(signedBy([{ text }, 'body', { text }])).toBe(macOf(`${text}{}${text}`))
  })

  it.each([['v0'], ['timestmap'], ['timestamp'], ['deliveryId'], ['body'], ['text']])(
    'a text in an object stands for itself, also where it is the name of a field: %j',
    (text) => {
      expect(signedBy([{ text }, 'timestamp', { text }, 'body', { text }])).toBe(macOf(`${text}${NOW}${text}{}${text}`))
    },
  )

  it('is the same with each text written in either way', () => {
    const text = fc.string({ minLength: 1, maxLength: 8 }).filter((each) => !/^[A-Za-z][\w-]*$/.test(each))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), fc.array(text, { maxLength: 3 }), (before, after) => {
        const plain = signedBy([...before, 'timestamp', '.', 'body', ...after])
        const wrap = (list: string[]) => list.map((each) => ({ text: each }))
        expect(signedBy([...wrap(before), 'timestamp', { text: '.' }, 'body', ...wrap(after)])).toBe(plain)
        expect(plain).toBe(macOf(`${before.join('')}${NOW}.{}${after.join('')}`))
      }),
      { numRuns: 100 },
    )
  })

  it('names a member that a part does not have', () => {
    const signed = [{ text: 'v0', header: 'x' }, 'timestamp', '.', 'body']
    expect(messageOf({ ...sound, signed })).toContain('signed.header is not an option here')
  })

  it.each([
    ['an empty object', {}],
    ['an empty text', { text: '' }],
    ['a text that is none', { text: 5 }],
    ['a text that has no bytes', { text: '\ud800' }],
    ['another member', { text: 'v0', header: 'x' }],
    ['another member instead', { literal: 'v0' }],
    ['null', null],
    ['a list', ['v0']],
    ['a function', () => 'v0'],
  ])('no part is %s', (_, part) => {
    expect(messageOf({ ...sound, signed: [part, 'timestamp', '.', 'body'] })).toMatch(
      /^Scheme: signed must be a list of fields and texts, with 'body' in it once\.$|is not an option here/,
    )
  })

  it('a text between the id and the body separates them in either form', () => {
    for (const separator of ['.', { text: '.' }] as const) {
      const scheme = defineScheme({ ...sound, signed: ['deliveryId', separator, 'body'] })
      const verify = (id: string) =>
        createWebhookVerifier({ scheme, secrets: 's' }).verify({
          headers: { 'x-acme-id': id, 'x-acme-signature': macOf(`${id}.{}`) },
          body: '{}',
        }).code
      expect(verify('a-b')).toBe('ok')
      expect(verify('a.b')).toBe('ambiguous_header')
    }
    const scheme = defineScheme({ ...sound, signed: ['body', { text: 'timestamp' }, 'deliveryId'] })
    const headers = { 'x-acme-id': 'atimestampb', 'x-acme-signature': macOf('{}timestampatimestampb') }
    expect(createWebhookVerifier({ scheme, secrets: 's' }).verify({ headers, body: '{}' }).code).toBe(
      'ambiguous_header',
    )
  })
})

const MEMBERS =
  'name, headers, signed, signature, required, secret, secretForm, dedupeBy, algorithm, timestampFormat, timestampIn, signatureIn, maxBodyBytes'

describe('an unknown name', () => {
  it.each<[string, unknown, string]>([
    ['sign', { ...sound, sign: [] }, MEMBERS],
    ['dedupe', { ...sound, dedupe: 'content' }, MEMBERS],
    ['headers.id', { ...sound, headers: { ...sound.headers, id: 'x' } }, 'signature, timestamp, deliveryId, event'],
    [
      'headers.deliveryID',
      { ...sound, headers: { ...sound.headers, deliveryID: 'x' } },
      'signature, timestamp, deliveryId, event',
    ],
    [
      'signature.carryMany',
      { ...sound, signature: { ...sound.signature, carryMany: true } },
      'carriesTimestamp, carriesMany, form, read, write',
    ],
  ])('%s of a definition', (name, definition, known) => {
    expect(messageOf(definition)).toBe(`Scheme: ${name} is not an option here. The options are ${known}.`)
  })

  it.each<[string, () => unknown, string]>([
    ['prefx', () => singleSignature({ encoding: hex, prefx: 'a' } as Any), 'encoding, prefix, trim'],
    ['version', () => singleSignature({ encoding: hex, version: 'v1' } as Any), 'encoding, prefix, trim'],
    [
      't',
      () => fieldSignature({ encoding: hex, timestamp: 't', signature: 'v1', t: 't' } as Any),
      'encoding, timestamp, signature, separator',
    ],
    [
      'prefix',
      () => versionedSignature({ encoding: hex, version: 'v1', prefix: '' } as Any),
      'encoding, version, joint, separator',
    ],
    ['encoding.name', () => singleSignature({ encoding: { ...hex, name: 'hex' } } as Any), 'encode, decode, form'],
  ])('%s of a format', (name, make, known) => {
    expect(thrownBy(make)).toMatchObject({
      code: 'invalid_option',
      option: name,
      message: `${name} is not an option here. The options are ${known}.`,
    })
  })
})

describe('members of a definition', () => {
  it.each<[string, unknown]>([
    ['secret must be a function from text to bytes', { ...sound, secret: 'base64' }],
    ['secret must be a function from text to bytes', { ...sound, secret: { decode() {} } }],
    ['secretForm must be non-empty text', { ...sound, secretForm: '' }],
    ['secretForm must be non-empty text', { ...sound, secretForm: 5 }],
    ['signature must be a signature format', { ...sound, signature: 'hex' }],
    ['signature must be a signature format', { ...sound, signature: hex }],
    ['signature must be a signature format', { ...sound, signature: singleSignature }],
    ['signature.read must be a function', { ...sound, signature: { ...sound.signature, read: 'x' } }],
    ['signature.write must be a function', { ...sound, signature: { ...sound.signature, write: undefined } }],
    [
      'signature.carriesTimestamp must be true or false',
      { ...sound, signature: { ...sound.signature, carriesTimestamp: 1 } },
    ],
    [
      'signature.carriesMany must be true or false',
      { ...sound, signature: { ...sound.signature, carriesMany: undefined } },
    ],
    ['signature.form must be non-empty text', { ...sound, signature: { ...sound.signature, form: 5 } }],
  ])('%s (%#)', (message, definition) => {
    expect(messageOf(definition)).toMatch(new RegExp(`^Scheme: ${message.replaceAll('.', '\\.')}`))
  })

  it('that are undefined are not there', () => {
    const scheme = defineScheme({
      ...sound,
      required: undefined,
      secret: undefined,
      secretForm: undefined,
      dedupeBy: undefined,
      headers: { ...sound.headers, event: undefined },
    } as Any)
    expect(scheme).toMatchObject({ name: 'acme', secretForm: 'text', dedupeBy: 'content' })
  })
})

describe('a finished scheme', () => {
  const message =
    'Scheme: a definition must not be a finished scheme or a copy of one. Describe it with name, headers, signed and signature.'

  it.each(SCHEME_NAMES)('%s is not a definition, and neither is a copy of it', (name) => {
    expect(messageOf(schemeOf(name))).toBe(message)
    expect(messageOf({ ...schemeOf(name), name: 'mine' })).toBe(message)
  })

  it('may lend its format, its secrets and its rule', () => {
    const scheme = defineScheme({
      ...sound,
      signature: stripe.signature,
      secret: stripe.secret,
      secretForm: stripe.secretForm,
      dedupeBy: stripe.dedupeBy,
    })
    expect(scheme.signature).toBe(stripe.signature)
  })

  it('is not what a definition is, which may be spread as often as one likes', () => {
    const definition: SchemeDefinition = sound
    const second = { ...definition, name: 'second', headers: { ...definition.headers, event: 'x-event' } }
    const third = { ...second, signed: ['v1:', ...second.signed] }
    expect(defineScheme(definition).name).toBe('acme')
    expect(defineScheme(second).headers.event).toEqual(['x-event'])
    expect(defineScheme(third).before).toEqual(['v1:', 'timestamp', '.'])
    expect(defineScheme(Object.freeze({ ...third, secret: fluxora.secret })).name).toBe('second')
  })
})

describe('formats', () => {
  const makers: [string, (encoding: unknown) => unknown][] = [
    ['singleSignature', (encoding) => singleSignature({ encoding: encoding as Any })],
    ['fieldSignature', (encoding) => fieldSignature({ encoding: encoding as Any, timestamp: 't', signature: 'v1' })],
    ['versionedSignature', (encoding) => versionedSignature({ encoding: encoding as Any, version: 'v1' })],
  ]

  it.each(makers)('%s refuses what is not an encoding, above all the name of one', (_, make) => {
    for (const encoding of [
      'hex',
      'base64',
      undefined,
      null,
      5,
      {},
      { encode() {} },
      { decode() {} },
      hex.encode,
      singleSignature,
    ]) {
      expect(thrownBy(() => make(encoding))).toMatchObject({
        name: 'WebhookError',
        code: 'invalid_option',
        option: 'encoding',
        message:
          'encoding must be hex, hexAnyCase or base64, the value and not its name, or an object with encode and decode.',
      })
    }
    for (const encoding of [hex, hexAnyCase, base64, { encode: hex.encode, decode: hex.decode }]) {
      expect(thrownBy(() => make(encoding))).toBeUndefined()
    }
    expect(thrownBy(() => make({ ...hex, form: 5 }))).toMatchObject({ option: 'encoding.form' })
  })

  it.each<[string, string, () => unknown]>([
    ['prefix', 'text', () => singleSignature({ encoding: hex, prefix: 5 as Any })],
    ['prefix', 'text', () => singleSignature({ encoding: hex, prefix: '\ud800' })],
    ['prefix', 'text', () => singleSignature({ encoding: hex, prefix: null as Any })],
    ['trim', 'true or false', () => singleSignature({ encoding: hex, trim: 'yes' as Any })],
    ...[undefined, null, '', ' t', 'a b', 'a,b', 'a=', 5].flatMap((name): [string, string, () => unknown][] => [
      [
        'timestamp',
        "a field's name, without blanks, commas, semicolons or =",
        () => fieldSignature({ encoding: hex, timestamp: name as Any, signature: 'v1' }),
      ],
      [
        'signature',
        "a field's name, without blanks, commas, semicolons or =",
        () => fieldSignature({ encoding: hex, timestamp: 't', signature: name as Any }),
      ],
    ]),
    [
      'signature',
      "another field than the timestamp's",
      () => fieldSignature({ encoding: hex, timestamp: 't', signature: 't' }),
    ],
    ...[undefined, null, '', 'v 1', 'v1,', 5].map((version): [string, string, () => unknown] => [
      'version',
      'text without blanks, commas or =',
      () => versionedSignature({ encoding: hex, version: version as Any }),
    ]),
    ['form', 'an object', () => singleSignature(undefined as Any)],
    ['form', 'an object', () => fieldSignature(null as Any)],
    ['form', 'an object', () => versionedSignature('v1' as Any)],
  ])('%s must be %s (%#)', (option, expected, make) => {
    const error = thrownBy(make)
    expect(isWebhookError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'invalid_option', option, message: `${option} must be ${expected}.` })
  })

  it('take undefined for what they do without', () => {
    expect(singleSignature({ encoding: hex, prefix: undefined, trim: undefined }).form).toBe('<hex>')
  })

  it('are frozen', () => {
    for (const [, make] of makers) expect(Object.isFrozen(make(hex))).toBe(true)
  })
})

describe('the compiler', () => {
  // Each line that must not compile is never run: that it would throw is shown above.
  const never = (call: () => unknown) => expect(call).toBeTypeOf('function')

  it('refuses a bare word in signed, and takes what is right', () => {
    never(() => {
      // @ts-expect-error a misspelt field
      defineScheme({ ...sound, signed: ['timestmap', '.', 'body'] })
      // @ts-expect-error a literal that is a word
      defineScheme({ ...sound, signed: ['v0', ':', 'timestamp', ':', 'body'] })
      // @ts-expect-error a misspelt field with a hyphen
      defineScheme({ ...sound, signed: ['delivery-id', '.', 'body'] })
      // @ts-expect-error a text that is none
      defineScheme({ ...sound, signed: [{ text: 5 }, 'body'] })
      // @ts-expect-error an unknown member of a text
      defineScheme({ ...sound, signed: [{ literal: 'v0' }, 'body'] })
    })
    expect(defineScheme({ ...sound, signed: ['v0:', 'timestamp', ':', 'body'] }).name).toBe('acme')
    expect(defineScheme({ ...sound, signed: [{ text: 'v0' }, 'deliveryId', '.', 'body'] }).deliveryIdSigned).toBe(true)
    const parts: string[] = ['timestamp', '.', 'body']
    expect(defineScheme({ ...sound, signed: parts }).timestampSigned).toBe(true)
    const prefix: string = 'v1:'
    expect(defineScheme({ ...sound, signed: [prefix, 'body'] }).before).toEqual(['v1:'])
  })

  it('refuses unknown members, and values of the wrong type', () => {
    never(() => {
      // @ts-expect-error an unknown member
      defineScheme({ ...sound, dedupe: 'content' })
      // @ts-expect-error an unknown header
      defineScheme({ ...sound, headers: { signature: 'x', id: 'y' } })
      // @ts-expect-error no signature
      defineScheme({ name: 'x', headers: { signature: 'x' }, signed: ['body'] })
      // @ts-expect-error the name of an encoding
      singleSignature({ encoding: 'hex' })
      // @ts-expect-error an unknown option
      fieldSignature({ encoding: hex, timestamp: 't', signature: 'v1', prefix: 'x' })
      // @ts-expect-error a scheme is no definition
      defineScheme(stripe)
      // @ts-expect-error a misspelt option
      createWebhookVerifier({ secrets: 'a', tolerance: 5 })
      // @ts-expect-error a misspelt option
      createWebhookSigner({ secrets: 'a', toleranceSeconds: 5 })
      // @ts-expect-error a misspelt member of a secret
      createWebhookVerifier({ secrets: { secret: 'a', expires: 5 } })
    })
  })
})
