import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkStellarToml,
  encodeStrKey,
  STELLAR_TOML_HEADERS,
  type TomlProblem,
  writeStellarToml,
} from '../../src/stellar/index.ts'
import { ACCOUNT, COMPLETE, CONTRACT, currencyWith, documentWith, SEED } from './documents.ts'

/** `code pointer` of each problem. */
function brief(problems: readonly TomlProblem[]): string[] {
  return problems.map(({ code, pointer }) => `${code} ${pointer}`)
}

function errorsOf(document: object): string[] {
  return brief(checkStellarToml(document).errors)
}

function warningsOf(document: object): string[] {
  return brief(checkStellarToml(document).warnings)
}

function textOf(settings: Parameters<typeof writeStellarToml>[0]): string {
  const file = writeStellarToml(settings)
  if (!file.ok) throw new Error(brief(file.errors).join())
  return file.text
}

describe('a complete document', () => {
  it('has no error and no warning', () => {
    expect(checkStellarToml(COMPLETE)).toEqual({ errors: [], warnings: [] })
    expect(writeStellarToml(COMPLETE)).toMatchObject({ ok: true, warnings: [] })
  })

  it('is written with its own keys before its tables, and ends in a line break', () => {
    const settings = {
      DOCUMENTATION: { ORG_URL: 'https://example.com' },
      CURRENCIES: [],
      VERSION: '2.7.0',
      ACCOUNTS: [ACCOUNT],
    }
    expect(textOf(settings)).toBe(
      `CURRENCIES = []\nVERSION = "2.7.0"\nACCOUNTS = ["${ACCOUNT}"]\n\n[DOCUMENTATION]\nORG_URL = "https://example.com"\n`,
    )
  })

  it('has problems that are plain data: a pointer, a code and a sentence', () => {
    const [problem] = checkStellarToml({}).warnings
    expect(problem).toEqual({ pointer: '/VERSION', code: 'missing_version', message: expect.stringMatching(/\.$/) })
  })
})

describe('a secret seed', () => {
  const wrong = `${SEED.slice(0, -1)}${SEED.endsWith('A') ? 'B' : 'A'}`
  it.each([
    ['as a public key', { SIGNING_KEY: SEED }, '/SIGNING_KEY'],
    ['in a list of keys', { ACCOUNTS: [ACCOUNT, SEED] }, '/ACCOUNTS/1'],
    ['in place of a list', { ACCOUNTS: SEED }, '/ACCOUNTS'],
    ['in place of a table', { DOCUMENTATION: SEED }, '/DOCUMENTATION'],
    ['in place of a list of tables', { CURRENCIES: SEED }, '/CURRENCIES'],
    ['in a list of tables', { CURRENCIES: [SEED] }, '/CURRENCIES/0'],
    ['inside a longer text', { NETWORK_PASSPHRASE: `our seed is ${SEED}, keep it` }, '/NETWORK_PASSPHRASE'],
    ['inside a longer word', { NETWORK_PASSPHRASE: `XYZ${SEED}ABC` }, '/NETWORK_PASSPHRASE'],
    ['in lower case', { NETWORK_PASSPHRASE: SEED.toLowerCase() }, '/NETWORK_PASSPHRASE'],
    ['in an unknown key', { notes: { deep: [SEED] } }, '/notes/deep/0'],
    ['as the name of a key', { [SEED]: 'x' }, ''],
    ['as the name of a key of a table', { notes: { [`a${SEED}`]: 'x' } }, '/notes'],
    ['with a wrong last character', { ACCOUNTS: [wrong] }, '/ACCOUNTS/0'],
    ['with a character missing', { ACCOUNTS: [SEED.slice(0, -1)] }, '/ACCOUNTS/0'],
    ['with a character too many', { notes: `${SEED}A` }, '/notes'],
    ['with a digit for a letter', { notes: SEED.replace(/.$/, '0') }, '/notes'],
    ['with a wrong first letter', { notes: `5${SEED.slice(1)}` }, '/notes'],
    ['with the letter of an account', { SIGNING_KEY: `G${SEED.slice(1)}` }, '/SIGNING_KEY'],
    ['without its first letter', { notes: `our seed: ${SEED.slice(1)}.` }, '/notes'],
    ['with a full stop in place of a letter', { notes: `${SEED.slice(0, 30)}.${SEED.slice(31)}` }, '/notes'],
    ['with a small letter too many', { notes: `${SEED.slice(0, 30)}x${SEED.slice(30)}` }, '/notes'],
    ['in groups of four', { notes: SEED.replace(/.{4}/g, '$& ') }, '/notes'],
    ['over two lines', { notes: `key:\n  ${SEED.slice(0, 28)}\n  ${SEED.slice(28)}\n` }, '/notes'],
    ['with hyphens', { notes: SEED.replace(/.{8}/g, '$&-') }, '/notes'],
    ['with an invisible character', { notes: `${SEED.slice(0, 28)}\u200b${SEED.slice(28)}` }, '/notes'],
    [
      'in full-width letters',
      { notes: SEED.replace(/./g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)) },
      '/notes',
    ],
    ['in groups, as the name of a key', { [SEED.replace(/.{4}/g, '$& ')]: 'x' }, ''],
  ])('is found %s, and neither written nor repeated', (_, change, pointer) => {
    const document = documentWith(change)
    expect(errorsOf(document)).toContain(`secret_seed ${pointer}`)
    const file = writeStellarToml(document)
    expect(file.ok).toBe(false)
    const told = JSON.stringify([file, checkStellarToml(document)]).toUpperCase()
    for (const part of [SEED.slice(0, 20), SEED.slice(-21, -1)]) expect(told).not.toContain(part)
  })

  it('is found with any one character wrong, missing or too many, and no other key is taken for one', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const typed = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abz.-_*')
    const around = fc.constantFrom(['', ''], ['Our key is ', ', ok'], ['seed=', ''], ['"', '"'])
    const mistyped = fc.record({ data: bytes, at: fc.nat(55), typed, removed: fc.nat(1), added: fc.nat(1), around })
    fc.assert(
      fc.property(mistyped, ({ data, at, typed, removed, added, around: [before, after] }) => {
        const seed = encodeStrKey('secretSeed', data)
        const text = seed.slice(0, at) + typed.slice(0, added) + seed.slice(at + removed)
        expect(errorsOf(documentWith({ NETWORK_PASSPHRASE: `${before}${text}${after}` }))).toHaveLength(1)
        for (const kind of ['account', 'contract', 'hashX'] as const) {
          expect(errorsOf(documentWith({ NETWORK_PASSPHRASE: encodeStrKey(kind, data) }))).toEqual([])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('is not seen in other long texts', () => {
    const muxed = encodeStrKey('muxed', new Uint8Array(32).fill(0x94), { id: 0x9494949494949494n })
    for (const text of [
      muxed,
      'S'.repeat(400),
      'SA'.repeat(400),
      ACCOUNT,
      ACCOUNT.slice(1),
      CONTRACT,
      'THE STELLAR ASSET IS ISSUED BY A BANK, AND ITS TERMS ARE PRINTED BELOW IN FULL.',
      `sha256-${'0A1B2C3D'.repeat(8)}`,
      'https://sabcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvw.onion/',
    ]) {
      expect([text, errorsOf(documentWith({ NETWORK_PASSPHRASE: text }))]).toEqual([text, []])
    }
  })
})

describe('settings that change while they are read', () => {
  const publishing = (settings: object) => {
    const file = writeStellarToml(settings as Record<string, unknown>)
    return file.ok ? file.text : brief(file.errors).join()
  }

  it('are written as they were checked', () => {
    for (let clean = 0; clean < 6; clean++) {
      let reads = 0
      const settings = documentWith({})
      Object.defineProperty(settings, 'note', { enumerable: true, get: () => (reads++ < clean ? 'clean' : SEED) })
      expect(publishing(settings)).not.toContain(SEED)
    }
  })

  it('cannot write their own text by a method of a list', () => {
    const evil = ['a']
    evil.map = () => ['"]\nSIGNING_KEY = "evil"'] as never
    expect(publishing(documentWith({ list: evil }))).toContain('list = ["a"]\n')
    const hiding = [SEED]
    hiding.entries = () => [][Symbol.iterator]() as never
    expect(publishing(documentWith({ list: hiding }))).toBe('secret_seed /list/0')
  })
})

describe('values that TOML or SEP-1 cannot hold', () => {
  it.each<[string, object, string]>([
    ['null', { VERSION: null }, 'null_value /VERSION'],
    ['a date', { VERSION: new Date(0) }, 'date_value /VERSION'],
    ['a date in an unknown key', { since: new Date(0) }, 'date_value /since'],
    ['a fraction', { share: 0.5 }, 'not_an_integer /share'],
    ['not a number', { share: Number.NaN }, 'not_an_integer /share'],
    ['infinity', { share: Number.POSITIVE_INFINITY }, 'not_an_integer /share'],
    ['an integer of more than 64 bits', { share: 2n ** 63n }, 'integer_out_of_range /share'],
    ['a negative one', { share: -(2n ** 63n) - 1n }, 'integer_out_of_range /share'],
    ['a number beyond 64 bits', { share: 1e300 }, 'integer_out_of_range /share'],
    ['a function', { share: () => 1 }, 'wrong_type /share'],
    ['a symbol', { share: Symbol('x') }, 'wrong_type /share'],
    ['an instance of a class', { share: new Map() }, 'wrong_type /share'],
    ['a lone surrogate', { VERSION: '\ud800' }, 'ill_formed_text /VERSION'],
    ['a lone surrogate in a key', { 'a\udfff': 1 }, 'ill_formed_text '],
    ['a number for a text', { VERSION: 2.7 }, 'wrong_type /VERSION'],
    ['a boolean for a text', { VERSION: true }, 'wrong_type /VERSION'],
    ['a text for a boolean', currencyWith({ regulated: 'yes' }), 'wrong_type /CURRENCIES/0/regulated'],
    ['a text for a number', currencyWith({ display_decimals: '7' }), 'wrong_type /CURRENCIES/0/display_decimals'],
    ['a text for a list', { ACCOUNTS: ACCOUNT }, 'wrong_type /ACCOUNTS'],
    ['a number in a list of texts', { ACCOUNTS: [1] }, 'wrong_type /ACCOUNTS/0'],
    ['a list for a table', { DOCUMENTATION: [] }, 'wrong_type /DOCUMENTATION'],
    ['a table for a list of tables', { CURRENCIES: {} }, 'wrong_type /CURRENCIES'],
    ['a text in a list of tables', { CURRENCIES: ['GOAT'] }, 'wrong_type /CURRENCIES/0'],
    ['a list of mixed types', { list: [1, 'a'] }, 'mixed_array /list'],
    ['a table deep in lists', { list: [[{ a: 1 }]] }, 'wrong_type /list/0'],
  ])('%s is an error', (_, change, error) => {
    const document = documentWith(change)
    expect(errorsOf(document)).toContain(error)
    expect(writeStellarToml(document).ok).toBe(false)
  })

  it('a document that is none is an error at its root', () => {
    for (const value of [null, undefined, 'VERSION = "2"', 1, [], new Date(0), new Map()]) {
      expect(errorsOf(value as never)).toEqual(['wrong_type '])
    }
  })

  it('does not list more than a thousand errors', () => {
    const nulls = Array(5_000).fill(null)
    for (const change of [{ list: nulls }, { ACCOUNTS: nulls }, { CURRENCIES: nulls }, { list: [nulls, nulls] }]) {
      expect(checkStellarToml(documentWith(change)).errors.length).toBe(1_000)
    }
  })

  it('an object that holds itself comes to an end', () => {
    const loop: Record<string, unknown> = {}
    for (const name of ['a', 'b', 'c', 'd', 'e']) loop[name] = loop
    expect(errorsOf(documentWith({ loop })).filter((error) => error.startsWith('too_deep')).length).toBeGreaterThan(0)
  })

  it('integers up to 64 bits are written in full, with a warning beyond 2^53', () => {
    const settings = documentWith({ small: 2 ** 53 - 1, large: 2 ** 60, largest: 2n ** 63n - 1n, least: -(2n ** 63n) })
    const text = textOf(settings)
    expect(text).toContain('small = 9007199254740991\n')
    expect(text).toContain('large = 1152921504606846976\n')
    expect(text).toContain('largest = 9223372036854775807\n')
    expect(text).toContain('least = -9223372036854775808\n')
    const beyond = warningsOf(settings).filter((warning) => warning.startsWith('integer_beyond_safe'))
    expect(beyond.map((warning) => warning.split(' ')[1])).toEqual(['/large', '/largest', '/least'])
  })

  it('a key that is undefined is left out', () => {
    expect(textOf(documentWith({ SIGNING_KEY: undefined }))).not.toContain('SIGNING_KEY')
    expect(errorsOf(documentWith({ SIGNING_KEY: undefined }))).toEqual([])
  })
})

describe('the form of a value', () => {
  it.each<[string, object, string]>([
    ['a mistyped key', { SIGNING_KEY: `${ACCOUNT.slice(0, -1)}A` }, 'invalid_public_key /SIGNING_KEY'],
    ['a contract for a key', { SIGNING_KEY: CONTRACT }, 'invalid_public_key /SIGNING_KEY'],
    ['a key for a contract', { WEB_AUTH_CONTRACT_ID: ACCOUNT }, 'invalid_contract /WEB_AUTH_CONTRACT_ID'],
    ['a bad key in a list', { ACCOUNTS: [ACCOUNT, 'G'] }, 'invalid_public_key /ACCOUNTS/1'],
    ['a server without https', { TRANSFER_SERVER: 'http://example.com' }, 'not_https /TRANSFER_SERVER'],
    ['a server without a scheme', { TRANSFER_SERVER: 'example.com' }, 'invalid_url /TRANSFER_SERVER'],
    ['a server with a user name', { TRANSFER_SERVER: 'https://me:pass@example.com' }, 'invalid_url /TRANSFER_SERVER'],
    ['a server with a blank', { TRANSFER_SERVER: 'https://example.com/a b' }, 'invalid_url /TRANSFER_SERVER'],
    ['a port beyond 65,535', { TRANSFER_SERVER: 'https://example.com:65536/' }, 'invalid_url /TRANSFER_SERVER'],
    ['a script', { HORIZON_URL: 'javascript:alert(1)' }, 'invalid_url /HORIZON_URL'],
    [
      'documentation as an address',
      { DOCUMENTATION: 'https://example.com/docs' },
      'documentation_is_address /DOCUMENTATION',
    ],
    ['a code of 13 characters', currencyWith({ code: 'A'.repeat(13) }), 'text_too_long /CURRENCIES/0/code'],
    ['a name of 21 characters', currencyWith({ name: 'a'.repeat(21) }), 'text_too_long /CURRENCIES/0/name'],
    ['an unknown status', currencyWith({ status: 'alive' }), 'unknown_choice /CURRENCIES/0/status'],
    [
      'an unknown kind of anchor',
      currencyWith({ anchor_asset_type: 'gold' }),
      'unknown_choice /CURRENCIES/0/anchor_asset_type',
    ],
    ['8 decimals', currencyWith({ display_decimals: 8 }), 'number_out_of_range /CURRENCIES/0/display_decimals'],
    ['-1 decimals', currencyWith({ display_decimals: -1 }), 'number_out_of_range /CURRENCIES/0/display_decimals'],
    ['a negative supply', currencyWith({ max_number: -1 }), 'number_out_of_range /CURRENCIES/0/max_number'],
    ['an alias in capitals', { VALIDATORS: [{ ALIAS: 'Example' }] }, 'invalid_alias /VALIDATORS/0/ALIAS'],
    ['an alias of one letter', { VALIDATORS: [{ ALIAS: 'a' }] }, 'invalid_alias /VALIDATORS/0/ALIAS'],
    ['a host without a port', { VALIDATORS: [{ HOST: 'example.com' }] }, 'invalid_host /VALIDATORS/0/HOST'],
    ['a port of 0', { VALIDATORS: [{ HOST: 'example.com:0' }] }, 'invalid_host /VALIDATORS/0/HOST'],
    ['a port of 65,536', { VALIDATORS: [{ HOST: 'example.com:65536' }] }, 'invalid_host /VALIDATORS/0/HOST'],
    ['a currency with an empty code', currencyWith({ code: '' }), 'missing_code /CURRENCIES/0/code'],
    ['a currency without a code', currencyWith({ code: undefined }), 'missing_code /CURRENCIES/0/code'],
    ['a currency without an issuer', currencyWith({ issuer: undefined }), 'missing_issuer /CURRENCIES/0/issuer'],
    ['a currency with two', currencyWith({ contract: CONTRACT }), 'issuer_and_contract /CURRENCIES/0/contract'],
  ])('%s is an error', (_, change, error) => {
    expect(errorsOf(documentWith(change))).toEqual([error])
  })

  it.each<[string, object]>([
    ['a code of 12 characters', currencyWith({ code: 'A'.repeat(12) })],
    ['a name of 20 characters', currencyWith({ name: '\u{1f410}'.repeat(20) })],
    ['no decimals', currencyWith({ display_decimals: 0 })],
    ['no supply', currencyWith({ is_unlimited: undefined, fixed_number: 0 })],
    ['Horizon over http', documentWith({ HORIZON_URL: 'http://localhost:8000' })],
    ['a validator on an IPv6 address', documentWith({ VALIDATORS: [{ HOST: '[2001:db8::1]:11625' }] })],
    ['a domain of another script', documentWith({ TRANSFER_SERVER: 'https://beispiel.\u4f8b\u3048/' })],
    ['a port, a path and a query', documentWith({ TRANSFER_SERVER: 'https://example.com:8443/a?b=c#d' })],
  ])('%s is fine', (_, document) => {
    expect(checkStellarToml(document)).toEqual({ errors: [], warnings: [] })
  })
})

describe('what a reader may stumble over', () => {
  const attested = (ORG_OFFICIAL_EMAIL: string, attestation: string) =>
    documentWith({
      DOCUMENTATION: {
        ORG_URL: 'https://www.example.com',
        ORG_OFFICIAL_EMAIL,
        ORG_PHONE_NUMBER_ATTESTATION: attestation,
      },
    })
  it.each<[string, object, string]>([
    ['no version', { DOCUMENTATION: {} }, 'missing_version /VERSION'],
    ['no documentation', { VERSION: '2.7.0' }, 'missing_documentation /DOCUMENTATION'],
    ['an unknown key', documentWith({ SOMETHING: 1 }), 'unknown_key /SOMETHING'],
    ['an unknown table', documentWith({ ORG: { name: 'x' } }), 'unknown_key /ORG'],
    ['an unknown key of a currency', currencyWith({ colour: 'red' }), 'unknown_key /CURRENCIES/0/colour'],
    ['a key with a slash and a tilde', documentWith({ 'a/b~c': 1 }), 'unknown_key /a~1b~0c'],
    ['AUTH_SERVER', documentWith({ AUTH_SERVER: 'https://example.com' }), 'deprecated_auth_server /AUTH_SERVER'],
    [
      'payments without KYC',
      documentWith({ DIRECT_PAYMENT_SERVER: 'https://example.com' }),
      'missing_kyc_server /KYC_SERVER',
    ],
    ['no word on the supply', currencyWith({ is_unlimited: undefined }), 'missing_issuance /CURRENCIES/0/is_unlimited'],
    ['two words on the supply', currencyWith({ max_number: 5 }), 'several_issuances /CURRENCIES/0'],
    [
      'a link beside other keys',
      currencyWith({ toml: 'https://example.com/x.toml' }),
      'link_with_other_keys /CURRENCIES/0',
    ],
    [
      'regulated without a server',
      currencyWith({ regulated: true }),
      'missing_approval_server /CURRENCIES/0/approval_server',
    ],
    [
      'lists of unequal length',
      currencyWith({ collateral_addresses: ['a'], collateral_address_messages: [] }),
      'unequal_collateral /CURRENCIES/0/collateral_addresses',
    ],
    [
      'an email elsewhere',
      attested('office@example.org', 'https://example.com/a'),
      'other_domain /DOCUMENTATION/ORG_OFFICIAL_EMAIL',
    ],
    [
      'an attestation elsewhere',
      attested('office@example.com', 'https://notexample.com/a'),
      'other_domain /DOCUMENTATION/ORG_PHONE_NUMBER_ATTESTATION',
    ],
    [
      'a phone number in words',
      documentWith({ DOCUMENTATION: { ORG_PHONE_NUMBER: '1 (123)-456-7890' } }),
      'invalid_phone_number /DOCUMENTATION/ORG_PHONE_NUMBER',
    ],
    ['an email that is none', documentWith({ PRINCIPALS: [{ email: 'jane' }] }), 'invalid_email /PRINCIPALS/0/email'],
  ])('%s is a warning', (_, document, warning) => {
    expect(checkStellarToml(document).errors).toEqual([])
    expect(warningsOf(document)).toEqual([warning])
    expect(writeStellarToml(document as Record<string, unknown>)).toMatchObject({ ok: true, warnings: [{}] })
  })

  it('an email on the domain above or below that of ORG_URL is fine', () => {
    expect(warningsOf(attested('a@example.com', 'https://docs.www.example.com/a'))).toEqual([])
  })
})

describe('writeStellarToml', () => {
  it('writes nothing that could end a value early', () => {
    const text = textOf(documentWith({ note: 'x"\nSIGNING_KEY = "evil"\n[DOCUMENTATION]\\\u0000\u007f\u0085\t\r\b\f' }))
    expect(text).toContain(
      'note = "x\\"\\nSIGNING_KEY = \\"evil\\"\\n[DOCUMENTATION]\\\\\\u0000\\u007F\\u0085\\t\\r\\b\\f"\n',
    )
    expect(text.match(/^\[/gm)).toHaveLength(1)
  })

  it('quotes keys that are not bare', () => {
    const text = textOf(documentWith({ 'a b': 1, '': 2, 'x]\n[y': { 'k"': true } }))
    expect(text).toContain('"a b" = 1\n"" = 2\n')
    expect(text).toContain('["x]\\n[y"]\n"k\\"" = true\n')
  })

  it('writes tables inside tables under headers of their own', () => {
    const text = textOf(documentWith({ outer: { inner: { deep: 1 }, own: 2, list: [{ a: 1 }, { b: [[1], [2]] }] } }))
    expect(text).toContain(
      '[outer]\nown = 2\n\n[outer.inner]\ndeep = 1\n\n[[outer.list]]\na = 1\n\n[[outer.list]]\nb = [[1], [2]]\n',
    )
  })

  it('refuses a file of more than 102,400 bytes and warns above 100,000', () => {
    const sized = (bytes: number) => {
      const rest = textOf(documentWith({ note: 'x' })).length
      return writeStellarToml(documentWith({ note: `x${'\u00e9'.repeat((bytes - rest) / 2)}` }))
    }
    expect(sized(100_000)).toMatchObject({ ok: true, warnings: [{ code: 'unknown_key' }] })
    expect(sized(100_002)).toMatchObject({
      ok: true,
      warnings: [{ code: 'unknown_key' }, { code: 'nearly_too_large' }],
    })
    expect(sized(102_400)).toMatchObject({ ok: true })
    expect(sized(102_402)).toEqual({ ok: false, errors: [expect.objectContaining({ code: 'too_large', pointer: '' })] })
  })

  it('does not search a text that is too long for the whole file', () => {
    const start = performance.now()
    const file = writeStellarToml(documentWith({ note: 'SA'.repeat(5_000_000) }))
    expect(brief(file.ok ? [] : file.errors)).toEqual(['too_large /note'])
    expect(performance.now() - start).toBeLessThan(2_000)
    const key = writeStellarToml(documentWith({ ['S'.repeat(102_401)]: 1 }))
    expect(brief(key.ok ? [] : key.errors)).toEqual(['too_large '])
  })

  it('does not change its settings', () => {
    const deepFreeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      Object.freeze(value)
      for (const inner of Object.values(value)) deepFreeze(inner)
    }
    const settings = structuredClone(COMPLETE)
    deepFreeze(settings)
    expect(writeStellarToml(settings).ok).toBe(true)
  })
})

describe('STELLAR_TOML_HEADERS', () => {
  it('are what SEP-1 asks for, and an hour of cache', () => {
    expect(STELLAR_TOML_HEADERS).toEqual({
      'content-type': 'text/plain; charset=utf-8',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=3600',
    })
    expect(Object.isFrozen(STELLAR_TOML_HEADERS)).toBe(true)
  })
})
