// `send` as a process, against a real server.

import { readFile } from 'node:fs/promises'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createWebhookVerifier } from '../../src/webhook/index.ts'
import { stripe } from '../../src/webhook/schemes/index.ts'
import { builtCommand, ended } from './process.ts'

const command = builtCommand()
const SECRET = 'top-secret-4711'
const env = { WEBHOOK_SECRET: SECRET }
const withSecret = ['--secret-env', 'WEBHOOK_SECRET']
const BODY = '{"amount":"1.50"}'

let received: { headers: http.IncomingHttpHeaders; body: string }[] = []
let statuses: number[] = []
const server = http.createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  received.push({ headers: request.headers, body })
  const status = statuses.shift() ?? 200
  if (status > 0) response.writeHead(status).end('taken')
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  received = []
  statuses = []
})

const send = (...words: string[]) => command.run(['send', '--url', url, ...withSecret, ...words], { env, stdin: BODY })

describe('send', () => {
  it('sends the very bytes, signed, with the id and the event', async () => {
    const { exitCode, stdout, stderr } = await send('--id', 'd-1', '--event', 'stream.created')
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^attempt 1: delivered \(ok\), answered 200, \d+ ms\n$/)
    const [{ headers, body } = { headers: {}, body: '' }] = received
    expect(createWebhookVerifier({ secrets: SECRET }).verify({ headers, body })).toMatchObject({
      ok: true,
      delivery: { deliveryId: 'd-1', event: 'stream.created' },
    })
    expect(body).toBe(BODY)
  })

  it('sends further headers, but none that steers the connection', async () => {
    const good = await send('--header', 'X-Tenant: acme: 1', '--header', 'x-b:')
    expect([good.exitCode, received[0]?.headers['x-tenant'], received[0]?.headers['x-b']]).toEqual([0, 'acme: 1', ''])
    const bad = await send('--header', 'Host: elsewhere')
    expect([bad.exitCode, received.length]).toEqual([1, 1])
    expect(bad.stdout).toContain('dead (header_refused)')
    expect(bad.stdout).toContain('docs/runbook.md#header_refused')
  })

  it('knows other schemes, and localhost', async () => {
    const { exitCode } = await command.run(
      ['send', '--url', url.replace('127.0.0.1', 'localhost'), '--scheme', 'stripe', ...withSecret],
      { env, stdin: BODY },
    )
    expect(exitCode).toBe(0)
    const [{ headers, body } = { headers: {}, body: '' }] = received
    expect(createWebhookVerifier({ scheme: stripe, secrets: SECRET }).verify({ headers, body }).code).toBe('ok')
  })

  it('tries again when the schedule says, under the same id and a signature of its own, and prints what its schema says', async () => {
    statuses = [503, 200]
    const { exitCode, stdout } = await send('--attempts', '2', '--json')
    expect(exitCode).toBe(0)
    const lines = stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { attempt: 1, outcome: 'retry', reason: 'http_status', statusCode: 503, delayMs: expect.any(Number) },
      { attempt: 2, outcome: 'delivered', reason: 'ok', statusCode: 200, answerBytes: 5 },
    ])
    const [first, second] = received.map(({ headers }) => headers)
    expect(first?.['x-fluxora-delivery-id']).toBe(second?.['x-fluxora-delivery-id'])
    expect(first?.['x-fluxora-signature']).not.toBe(second?.['x-fluxora-signature'])
    const schema = JSON.parse(await readFile(new URL('../../docs/cli.schema.json', import.meta.url), 'utf8'))
    const check = new Ajv2020().addSchema(schema, 'cli').getSchema('cli#/$defs/send')!
    for (const line of lines) expect(check(JSON.parse(line)), JSON.stringify(check.errors)).toBe(true)
    expect(stdout).not.toContain(SECRET)
  })

  it.each([
    ['a failure, once', 500, [], 'retry (http_status), answered 500'],
    ['what is final', 400, ['--attempts', '5'], 'dead (http_status), answered 400'],
    ['what is gone', 410, ['--attempts', '5'], 'dead (gone), answered 410'],
    ['a redirect', 302, [], '(redirect_refused), answered 302'],
    ['no answer', 0, ['--timeout', '200ms'], 'retry (timeout)'],
  ])('ends with 1 for %s', async (_, status, words, text) => {
    statuses = [status]
    const { exitCode, stdout } = await send(...words)
    expect(exitCode).toBe(1)
    expect(stdout).toContain(text)
    expect(received).toHaveLength(1)
  })

  it('connects to no private address but loopback, unless it is allowed', async () => {
    const to = (target: string, ...words: string[]) =>
      command.run(['send', '--url', target, ...withSecret, '--timeout', '300ms', ...words], { env, stdin: BODY })
    expect((await to('http://10.255.255.1/')).stdout).toContain('dead (address_refused)')
    expect((await to('http://169.254.169.254/')).stdout).toContain('dead (address_refused)')
    expect((await to('http://10.255.255.1/', '--allow', '10.0.0.0/8')).stdout).not.toContain('address_refused')
    expect((await to('http://user:word@127.0.0.1/')).stdout).toContain('dead (url_refused)')
  })

  it('ends at once while it waits, if it is asked to', async () => {
    statuses = [503]
    const child = command.start(['send', '--url', url, ...withSecret, '--attempts', '5'], { env, stdin: BODY })
    const result = ended(child)
    await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
    child.kill('SIGINT')
    expect(await result).toMatchObject({ exitCode: 130, stdout: expect.stringContaining('again in') })
    expect(received).toHaveLength(1)
  })

  it.each([
    ['no URL', 64, ['send', ...withSecret], BODY],
    ['a URL that is none', 64, ['send', '--url', 'ftp://x', ...withSecret], BODY],
    ['no secret', 64, ['send', '--url', 'http://127.0.0.1/'], BODY],
    ['an unset variable', 64, ['send', '--url', 'http://127.0.0.1/', '--secret-env', 'UNSET'], BODY],
    ['a blank secret', 64, ['send', '--url', 'http://127.0.0.1/', '--secret-env', 'BLANK'], BODY],
    ['an id with a line break', 64, ['send', '--url', 'http://127.0.0.1/', ...withSecret, '--id', 'a\nb'], BODY],
    ['too many attempts', 64, ['send', '--url', 'http://127.0.0.1/', ...withSecret, '--attempts', '99'], BODY],
    ['a header without a colon', 64, ['send', '--url', 'http://127.0.0.1/', ...withSecret, '--header', SECRET], BODY],
    ['a header twice', 64, ['send', '--url', 'http://x/', ...withSecret, '--header', 'A:1', '--header', 'a:1'], BODY],
    ['a block that is none', 64, ['send', '--url', 'http://127.0.0.1/', ...withSecret, '--allow', 'x'], BODY],
    [
      'a scheme that cannot sign',
      64,
      ['send', '--url', 'http://127.0.0.1/', ...withSecret, '--scheme', 'mailgun'],
      BODY,
    ],
    ['a file that is not there', 66, ['send', '--url', 'http://127.0.0.1/', ...withSecret, 'nowhere.json'], BODY],
    ['an empty standard input', 66, ['send', '--url', 'http://127.0.0.1/', ...withSecret], ''],
    ['a closed standard input', 66, ['send', '--url', 'http://127.0.0.1/', ...withSecret], 'closed'],
  ])('ends for %s with %i', async (_, expected, words, stdin) => {
    const { exitCode, stdout, stderr } = await command.run(words, { env: { ...env, BLANK: ' ' }, stdin })
    expect([exitCode, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(/^fluxora-verify: .+\n$/)
    expect(stderr).not.toContain(SECRET)
  })
})
