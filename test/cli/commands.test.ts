// Each command in a made-up world: what it prints, and its exit code.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { createWebhookSigner, createWebhookVerifier } from '../../src/webhook/index.ts'
import { stripe } from '../../src/webhook/schemes/index.ts'
import { runIn } from './support.ts'

const SECRET = 'top-secret-4711'
const NOW = 1_710_000_000
const BODY = '{"event":"stream.updated","amount":"1.50"}'
const env = { WEBHOOK_SECRET: SECRET }
const withSecret = ['--secret-env', 'WEBHOOK_SECRET']

function rawRequest(body = BODY, secret = SECRET): string {
  const headers = createWebhookSigner({ secrets: secret, now: () => NOW }).sign({ body, deliveryId: 'd-1', event: 'e' })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /hooks HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

describe('sign', () => {
  it('prints headers that verify', async () => {
    const { exitCode, stdout, stderr } = await runIn(
      { env, stdin: BODY },
      'sign',
      ...withSecret,
      '--id',
      'd-1',
      '--timestamp',
      String(NOW),
    )
    expect([exitCode, stderr]).toEqual([0, ''])
    const headers = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(': ') as [string, string])
    const verifier = createWebhookVerifier({ secrets: SECRET, now: () => NOW })
    expect(verifier.verify({ headers, body: BODY })).toMatchObject({
      ok: true,
      delivery: { deliveryId: 'd-1', timestamp: NOW },
    })
  })

  it('signs the bytes of a file for another scheme, as JSON', async () => {
    const files = { 'b.bin': Uint8Array.of(0, 255, 10) }
    const { stdout } = await runIn({ env, files }, 'sign', '--json', '--scheme', 'Stripe', ...withSecret, 'b.bin')
    const { headers } = JSON.parse(stdout)
    const verifier = createWebhookVerifier({ scheme: stripe, secrets: SECRET })
    expect(verifier.verify({ headers, body: files['b.bin'] })).toMatchObject({ ok: true })
  })

  it('prints a curl command that verify reads back', async () => {
    const signed = await runIn({ env, stdin: BODY }, 'sign', ...withSecret, '--curl', 'https://example.com/hooks')
    const verified = await runIn({ env, stdin: signed.stdout }, 'verify', ...withSecret)
    expect([signed.exitCode, verified.exitCode]).toEqual([0, 0])
  })

  it.each([
    ['no secret', ['sign']],
    ['an unset variable', ['sign', '--secret-env', 'UNSET']],
    ['a blank secret', ['sign', '--secret-env', 'BLANK']],
    ['a scheme that is none', ['sign', ...withSecret, '--scheme', 'nobody']],
    ['a timestamp in words', ['sign', ...withSecret, '--timestamp', 'now']],
    ['an id that no header can carry', ['sign', ...withSecret, '--id', 'a\nb']],
    ['a target that is no URL', ['sign', ...withSecret, '--curl', 'ftp://x']],
  ])('calls %s a usage problem', async (_, words) => {
    const { exitCode, stdout, stderr } = await runIn({ env: { ...env, BLANK: ' ' }, stdin: BODY }, ...words)
    expect([exitCode, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(/^fluxora-verify: .+\n$/)
  })
})

describe('verify', () => {
  const at = ['--now', String(NOW)]

  it('says genuine and what came', async () => {
    const { exitCode, stdout } = await runIn({ env, stdin: rawRequest() }, 'verify', ...withSecret, ...at)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('genuine')
    expect(stdout).toContain('d-1')
    expect(stdout).not.toContain('\x1b')
  })

  it('colours only on a terminal without NO_COLOR', async () => {
    const words = ['verify', ...withSecret, ...at]
    const inColour = await runIn({ env, stdin: rawRequest(), isTerminal: true }, ...words)
    const plain = await runIn({ env: { ...env, NO_COLOR: '1' }, stdin: rawRequest(), isTerminal: true }, ...words)
    const empty = await runIn({ env: { ...env, NO_COLOR: '' }, stdin: rawRequest(), isTerminal: true }, ...words)
    expect([inColour, plain, empty].map(({ stdout }) => stdout.includes('\x1b['))).toEqual([true, false, true])
  })

  it.each([
    ['a changed body', rawRequest().replace('1.50', '9.50'), at, 'signature_mismatch'],
    ['a late one', rawRequest(), ['--now', String(NOW + 301)], 'timestamp_outside_tolerance'],
    ['no signature', 'POST / HTTP/1.1\r\nx: y\r\n\r\n{}', at, 'missing_delivery_id'],
    [
      'a parsed body',
      JSON.stringify({
        headers: Object.fromEntries(
          rawRequest()
            .split('\r\n')
            .slice(1, 4)
            .map((line) => line.split(': ')),
        ),
        body: { a: 1 },
      }),
      at,
      'body_already_parsed',
    ],
  ])('refuses %s with its code', async (_, stdin, clock, code) => {
    const { exitCode, stdout } = await runIn({ env, stdin }, 'verify', '--json', ...withSecret, ...clock)
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, code })
  })

  it('takes a tolerance', async () => {
    const words = ['verify', ...withSecret, '--now', String(NOW + 500), '--tolerance', '600']
    expect((await runIn({ env, stdin: rawRequest() }, ...words)).exitCode).toBe(0)
  })

  it('takes the secret from a file without its last line break, and names which secret matched', async () => {
    const files = { 'old.txt': 'another', 'secret.txt': `${SECRET}\r\n`, 'request.http': rawRequest() }
    const words = ['verify', '--json', '--secret-file', 'old.txt', '--secret-file', 'secret.txt', ...at, 'request.http']
    const { stdout } = await runIn({ files }, ...words)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, delivery: { keyId: 'secret.txt' } })
  })

  it('judges each request of a capture at the time that it arrived', async () => {
    const line = (receivedAt: number): string => {
      const [head = '', body = ''] = rawRequest().split('\r\n\r\n')
      const headers = head
        .split('\r\n')
        .slice(1)
        .map((one) => one.split(': '))
      return JSON.stringify({ method: 'POST', url: '/', headers, bodyBase64: btoa(body), receivedAt })
    }
    const { exitCode, stdout } = await runIn(
      { env, stdin: `${line(NOW)}\n${line(NOW + 900)}\n` },
      'verify',
      '--json',
      ...withSecret,
    )
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      results: [{ ok: true }, { code: 'timestamp_outside_tolerance' }],
    })
  })

  it('lets nothing of a sender steer the terminal', async () => {
    const body = '{}'
    const headers = createWebhookSigner({ secrets: SECRET, now: () => NOW }).sign({ body, deliveryId: 'd-1' })
    const hostile = JSON.stringify({ headers: { ...headers, 'x-fluxora-event': 'a\u001b[2Jb\u202ec' }, body })
    const { stdout } = await runIn({ env, stdin: hostile }, 'verify', ...withSecret, ...at)
    for (const mark of ['\u001b', '\u202e']) expect(stdout).not.toContain(mark)
  })
})

describe('diagnose', () => {
  const at = ['--now', String(NOW)]
  const curl = (body: string) => {
    const [head = '', signed = ''] = rawRequest().split('\r\n\r\n')
    return `${head}\r\n\r\n${body || signed}`
  }

  it('names the cause that it has proven, and ends with 1', async () => {
    const stdin = curl('{"event": "stream.updated", "amount": "1.50"}')
    const { exitCode, stdout } = await runIn({ env, stdin }, 'diagnose', ...withSecret, ...at)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('refused: signature_mismatch')
    expect(stdout).toContain('proven: body_reserialized (WEBHOOK_SECRET)')
    expect(stdout).toContain('docs/runbook.md#body_reserialized')
    expect(stdout).toMatch(/Tried: \d+ changes, 1 secret, 1 scheme, \d+ bytes hashed\.\n$/)
  })

  it('is good for what is genuine, whoever sent it', async () => {
    const headers = createWebhookSigner({ scheme: stripe, secrets: SECRET, now: () => NOW }).sign({ body: BODY })
    const stdin = JSON.stringify({ headers, body: BODY })
    const { exitCode, stdout } = await runIn({ env, stdin }, 'diagnose', ...withSecret, ...at)
    expect([exitCode, stdout]).toEqual([0, 'genuine\n'])
  })

  it.each([
    ['a cause that is a fact', 1, rawRequest(), ['--now', String(NOW + 4000)]],
    ['hints only', 2, curl('{"event":"stream.updated","amount":1.5}'), at],
    ['nothing', 3, curl('"text"'), at],
    ['a parsed body', 1, JSON.stringify({ headers: {}, body: { a: 1 } }), at],
  ])('ends for %s with %i', async (_, expected, stdin, words) => {
    const { exitCode, stderr } = await runIn({ env, stdin }, 'diagnose', ...withSecret, ...words)
    expect([exitCode, stderr]).toEqual([expected, ''])
  })

  it('tries the secrets of other endpoints, and names the one that matches', async () => {
    const stdin = rawRequest(BODY, 'another-secret')
    const words = ['diagnose', ...withSecret, '--other-secret-env', 'STAGING', '--other-secret-file', 'cli.txt', ...at]
    const world = { env: { ...env, STAGING: 'x' }, files: { 'cli.txt': 'another-secret\n' }, stdin }
    const { exitCode, stdout } = await runIn(world, ...words, '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout).findings).toMatchObject([{ code: 'secret_other', secretId: 'cli.txt' }])
  })

  it('tells of a secret that cannot be used, in place of a usage problem', async () => {
    const world = { env: { WEBHOOK_SECRET: `${SECRET} ` }, stdin: rawRequest() }
    const { exitCode, stdout } = await runIn(world, 'diagnose', ...withSecret, ...at)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('proven: secret_whitespace')
    expect(stdout).not.toContain(SECRET)
  })

  it('says what several requests have in common', async () => {
    const lines = [BODY, '{"a":1}', '{"b":2}'].map((body) => {
      const headers = createWebhookSigner({ secrets: SECRET, now: () => NOW }).sign({ body })
      return JSON.stringify({ headers, body: `${body}\n`, receivedAt: NOW })
    })
    const { exitCode, stdout } = await runIn({ env, stdin: lines.join('\n') }, 'diagnose', ...withSecret)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('3 of 3 deliveries were refused')
    expect(stdout).toContain('In all 3 refused deliveries:')
  })

  it('calls for the URL where it is signed', async () => {
    const stdin = JSON.stringify({ headers: { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, body: 'a=1' })
    const words = ['diagnose', ...withSecret, '--scheme', 'twilio', ...at]
    expect((await runIn({ env, stdin }, ...words)).exitCode).toBe(64)
    expect((await runIn({ env, stdin }, ...words, '--url', 'https://example.com/')).exitCode).toBeGreaterThan(0)
    expect((await runIn({ env, stdin }, ...words, '--max-bytes', '1')).exitCode).toBe(64)
  })
})

describe('a scheme that signs the URL', () => {
  const words = ['--scheme', 'twilio', ...withSecret]
  const url = ['--url', 'https://example.com/hooks?a=1']

  it('is signed and verified with the URL of the option or of the request', async () => {
    const signed = await runIn({ env, stdin: 'b=2' }, 'sign', ...words, ...url, '--json')
    const stdin = JSON.stringify({ headers: JSON.parse(signed.stdout).headers, body: 'b=2', url: url[1] })
    expect((await runIn({ env, stdin }, 'verify', ...words)).exitCode).toBe(0)
    expect((await runIn({ env, stdin }, 'verify', ...words, ...url)).exitCode).toBe(0)
    expect((await runIn({ env, stdin }, 'verify', ...words, '--url', 'https://example.com/')).exitCode).toBe(1)
  })

  it('needs one', async () => {
    const stdin = JSON.stringify({ headers: { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, body: 'b=2' })
    const { exitCode, stderr } = await runIn({ env, stdin }, 'verify', ...words)
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('signs the URL')])
  })
})

describe('input', () => {
  it.each([
    ['standard input is empty', {}, ['verify', ...withSecret]],
    ['standard input has nothing', { stdin: '' }, ['verify', ...withSecret]],
    ['the file is empty', { files: { 'empty.http': '' } }, ['verify', ...withSecret, 'empty.http']],
    ['the file is not there', {}, ['verify', ...withSecret, 'gone.http']],
    ['the secret file is not there', { stdin: 'x' }, ['sign', '--secret-file', 'gone.txt']],
    ['it is no request', { stdin: 'hello world' }, ['verify', ...withSecret]],
    ['the JSON is cut off', { stdin: '{"headers":' }, ['verify', ...withSecret]],
    ['no ledger is in it', { stdin: '\n\n' }, ['reorg']],
    ['a ledger is no JSON', { stdin: '{"sequence":1,"hash":"a"}\noops' }, ['reorg']],
  ])('ends with 66 if %s', async (_, world, words) => {
    const { exitCode, stdout, stderr } = await runIn({ env, ...world }, ...words)
    expect([exitCode, stdout]).toEqual([66, ''])
    expect(stderr).toMatch(/^fluxora-verify: .+\n$/)
  })
})

describe('a request in UTF-16', () => {
  it('as Windows PowerShell writes it is read', async () => {
    const signed = await runIn({ env, stdin: BODY }, 'sign', ...withSecret, '--curl', 'https://example.com/hooks')
    const littleEndian = Buffer.from(`\ufeff${signed.stdout}`, 'utf16le')
    for (const stdin of [littleEndian, Buffer.from(littleEndian).swap16()]) {
      expect((await runIn({ env, stdin }, 'verify', ...withSecret)).stdout).toContain('genuine')
    }
  })
})

describe('a secret that is empty', () => {
  it('is named, and is a finding for diagnose', async () => {
    const world = { env: { WEBHOOK_SECRET: '' }, stdin: 'x-fluxora-signature: 00\n\nbody' }
    for (const command of ['verify', 'sign']) {
      const { exitCode, stderr } = await runIn(world, command, '--secret-env', 'WEBHOOK_SECRET')
      expect([exitCode, stderr]).toEqual([64, 'fluxora-verify: WEBHOOK_SECRET holds no secret: it is empty.\n'])
    }
    const { exitCode, stdout } = await runIn(world, 'diagnose', '--secret-env', 'WEBHOOK_SECRET')
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('secret_unusable (WEBHOOK_SECRET)')])
  })
})

describe('decimal', () => {
  it('prints the canonical text and the units', async () => {
    const { exitCode, stdout } = await runIn({}, 'decimal', '--json', '+007.50')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ ok: true, value: '7.5', units: '75000000', scale: 7 })
  })

  it('takes negative amounts and several, and says what is wrong where', async () => {
    const { exitCode, stdout } = await runIn({}, 'decimal', '-1.5', '1,000', '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      results: [{ value: '-1.5' }, { code: 'DECIMAL_INVALID_FORMAT', reason: 'separator', at: 1 }],
    })
  })

  it('reads a line each from standard input, and trims nothing', async () => {
    const { exitCode, stdout } = await runIn({ stdin: '1\r\n 2\n' }, 'decimal', '-')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('whitespace')
  })

  it.each([
    ['evm:18', '1.000000000000000001', 0],
    ['evm:0', '1.5', 1],
    ['stellar', '-1', 1],
    ['soroban', '-1', 0],
    ['safe-integer', '9007199254740992', 1],
    ['fluxora', '9007199254740992', 0],
    ['evm:127', '1', 64],
    ['toString', '1', 64],
  ])('by policy %s, %s ends with %i', async (policy, amount, exitCode) => {
    expect((await runIn({}, 'decimal', '--policy', policy, amount)).exitCode).toBe(exitCode)
  })
})

describe('reorg', () => {
  const ledger = (sequence: number, hash: string, parentHash?: string): string =>
    JSON.stringify({ sequence, hash, parentHash })

  it('prints the effects of a reorg', async () => {
    const stdin = [ledger(1, 'a1'), ledger(2, 'a2', 'a1'), `[${ledger(2, 'b2', 'a1')},${ledger(3, 'b3', 'b2')}]`].join(
      '\r\n',
    )
    const { exitCode, stdout } = await runIn({ stdin }, 'reorg', '--json', '-')
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(exitCode).toBe(0)
    expect(lines.map(({ code }) => code)).toEqual(['EXTENDED', 'EXTENDED', 'REORG', undefined])
    expect(lines[2].effects).toContainEqual(expect.objectContaining({ type: 'rollback', to: 1 }))
    expect(lines[3].state).toMatchObject({ tip: { sequence: 3 }, reorgs: 1, reorgDetected: true })
    const text = await runIn({ stdin }, 'reorg')
    expect(text.stdout).toContain('undoing 2')
    expect(text.stdout).toContain('tip 3')
  })

  it('ends with 1 for a conflict, and for what is no ledger', async () => {
    const stdin = [ledger(1, 'a1'), ledger(2, 'a2', 'a1'), ledger(3, 'a3', 'a2'), ledger(1, 'b1')].join('\n')
    expect((await runIn({ stdin }, 'reorg', '--finality-depth', '1')).exitCode).toBe(1)
    const { exitCode, stdout } = await runIn({ stdin: '{"sequence":"1"}' }, 'reorg')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('INVALID')
  })

  it('knows options that make no sense', async () => {
    for (const words of [
      ['--preset', 'bitcoin'],
      ['--heights', 'odd'],
      ['--finality-depth', '0'],
      ['--gap-policy', ''],
    ]) {
      expect((await runIn({ stdin: ledger(1, 'a') }, 'reorg', ...words)).exitCode).toBe(64)
    }
  })
})

describe('the command line', () => {
  it('prints help that names every command and option', async () => {
    const general = await runIn({}, '--help')
    for (const { name, options } of COMMANDS) {
      expect(general.stdout).toContain(`  ${name}`)
      const own = await runIn({}, name, '--help')
      expect([own.exitCode, own.stderr]).toEqual([0, ''])
      for (const option of Object.keys(options)) expect(own.stdout).toContain(`--${option}`)
      expect((await runIn({}, 'help', name)).stdout).toBe(own.stdout)
    }
    expect((await runIn({}, 'help', 'schemes')).stdout).toContain('stellarPayment')
    expect((await runIn({}, '--version')).stdout).toBe('1.2.3\n')
  })

  it.each([
    ['no command', []],
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['verify', '--nonsense']],
    ['an option without its value', ['verify', '--scheme']],
    ['a flag with a value', ['verify', '--json=yes']],
    ['too many operands', ['verify', ...withSecret, 'a', 'b']],
    ['help on nothing', ['help', 'nothing']],
    ['completion for no shell', ['completion', 'fish']],
  ])('calls %s a usage problem', async (_, words) => {
    const { exitCode, stdout, stderr } = await runIn({ env, stdin: 'x' }, ...words)
    expect([exitCode, stdout]).toEqual([64, ''])
    expect(stderr).not.toBe('')
  })

  it('repeats nothing that was typed, for it could be a secret in the wrong place', async () => {
    const wrong = [
      ['sign', '--secret', SECRET],
      ['sign', `--secret=${SECRET}`],
      ['sign', '--secret-env', SECRET],
      ['sign', '--scheme', SECRET, ...withSecret],
      ['sign', SECRET, SECRET],
      ['sign', `--json=${SECRET}`],
      [SECRET],
      ['help', SECRET],
      ['completion', SECRET],
      ['decimal', '--policy', SECRET, '1'],
      ['verify', ...withSecret, '--now', SECRET],
    ]
    for (const words of wrong) {
      const { exitCode, stdout, stderr } = await runIn({ env, stdin: 'x' }, ...words)
      expect([exitCode, words]).toEqual([64, words])
      expect(stdout + stderr).not.toContain(SECRET)
    }
  })

  it('prints neither secret nor signature nor body, whatever it is given', async () => {
    const command = fc.constantFrom('verify', 'verify --json', 'diagnose', 'diagnose --json')
    const request = fc.constantFrom(rawRequest(), rawRequest(BODY, 'another'), rawRequest().replace('1.50', '9.50'))
    await fc.assert(
      fc.asyncProperty(command, request, async (words, stdin) => {
        const { stdout, stderr } = await runIn({ env, stdin }, ...words.split(' '), ...withSecret, '--now', String(NOW))
        const signature = /x-fluxora-signature: (\w+)/.exec(stdin)?.[1] ?? 'none'
        for (const hidden of [SECRET, signature, 'stream.updated']) expect(stdout + stderr).not.toContain(hidden)
      }),
      { numRuns: 20 },
    )
  })
})
