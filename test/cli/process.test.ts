// The command as a process: pipes, signals, exit codes, and completion in a real shell.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWebhookSigner, createWebhookVerifier } from '../../src/webhook/index.ts'
import { builtCommand, ended } from './process.ts'

const command = builtCommand()
const SECRET = 'top-secret-4711'
const env = { WEBHOOK_SECRET: SECRET }
const withSecret = ['--secret-env', 'WEBHOOK_SECRET']
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the process', () => {
  it('signs and verifies through a pipe', async () => {
    const body = join(folder, 'body.json')
    await writeFile(body, '{"a":1}\r\n')
    const signed = await command.run(['sign', ...withSecret, '--curl', 'http://127.0.0.1:1/', body], { env })
    const verified = await command.run(['verify', ...withSecret, '--json'], { env, stdin: signed.stdout })
    expect([signed.exitCode, verified.exitCode, verified.stderr]).toEqual([0, 0, ''])
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, delivery: { bodyBytes: 9 } })
  })

  it('ends with 66 for a closed or an empty standard input, and for a folder', async () => {
    const words = ['verify', ...withSecret]
    const closed = await command.run(words, { env, stdin: 'closed' })
    const empty = await command.run(words, { env })
    const aFolder = await command.run([...words, folder], { env })
    expect([closed.exitCode, empty.exitCode, aFolder.exitCode]).toEqual([66, 66, 66])
    expect(aFolder.stderr).toContain('folder')
    const shut = execFileSync(
      'bash',
      ['--norc', '-c', `"$0" "$1" verify ${withSecret.join(' ')} <&-; echo $?`, process.execPath, command.file()],
      {
        env: { PATH: process.env.PATH, ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    expect(String(shut)).toBe('66\n')
  })

  it('ends with 64 for an unset variable and with its version for --version', async () => {
    expect((await command.run(['sign', '--secret-env', 'NOT_SET'])).exitCode).toBe(64)
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect((await command.run(['--version'])).stdout).toMatch(new RegExp(`^(${version}|unknown)\n$`))
  })

  it.runIf(existsSync('/dev/full'))('ends with 74, and no stack, if its output cannot be written', () => {
    const words = ['--norc', '-c', '"$0" "$1" decimal 1.5 2>&1 >/dev/full; echo $?', process.execPath, command.file()]
    const output = execFileSync('bash', words, { env: { PATH: process.env.PATH }, encoding: 'utf8' })
    expect(output).toBe('fluxora-verify: the output cannot be written (ENOSPC).\n74\n')
  })

  it('does not mind a reader that leaves early', async () => {
    const ledgers = Array.from({ length: 5_000 }, (_, at) => JSON.stringify({ sequence: at + 1, hash: `h${at}` })).join(
      '\n',
    )
    const input = join(folder, 'ledgers.ndjson')
    await writeFile(input, ledgers)
    const script = `"$0" "$1" reorg "$2" 2>"$3" | head -n 1`
    const errors = join(folder, 'errors')
    const first = execFileSync('bash', ['--norc', '-c', script, process.execPath, command.file(), input, errors])
    expect(String(first)).toContain('EXTENDED')
    expect(await readFile(errors, 'utf8')).toBe('')
  })

  it('completes commands, options and schemes in bash', async () => {
    const script = (await command.run(['completion', 'bash'])).stdout
    const complete = (...words: string[]): string[] => {
      const line = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _fluxora_verify; printf '%s\\n' "\${COMPREPLY[@]}"`
      return String(execFileSync('bash', ['--norc', '-c', line]))
        .trim()
        .split('\n')
    }
    expect(complete('fluxora-verify', 've')).toEqual(['verify'])
    expect(complete('fluxora-verify', 'sign', '--cu')).toEqual(['--curl'])
    expect(complete('fluxora-verify', 'sign', '--scheme', 'stri')).toEqual(['stripe'])
    expect((await command.run(['completion', 'zsh'])).stdout).toMatch(/^#compdef fluxora-verify\n/)
  })
})

describe('listen and replay', () => {
  async function listening(words: readonly string[]) {
    const child = command.start(['listen', '--port', '0', ...words], { env })
    const result = ended(child)
    let seen = ''
    child.stdout?.on('data', (chunk) => {
      seen += String(chunk)
    })
    const end = result.then(({ stderr }) => Promise.reject(new Error(`it has ended: ${stderr}`)))
    end.catch(() => {})
    while (!seen.includes('\n')) await Promise.race([once(child.stdout!, 'data'), end])
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(seen)?.[0] ?? ''
    const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
      child.kill(signal)
      return result
    }
    return { url, stop, lines: () => seen.trim().split('\n') }
  }

  const post = (url: string, headers: Record<string, string>, body: string) =>
    fetch(url, { method: 'POST', headers: { ...headers, connection: 'close' }, body })
  const signed = (body: string) => createWebhookSigner({ secrets: SECRET }).sign({ body, deliveryId: 'd-1' })

  it('prints each verdict, answers with it, and ends by a signal', async () => {
    const server = await listening(['--json', ...withSecret])
    const good = await post(`${server.url}hooks`, signed('{}'), '{}')
    const bad = await post(server.url, signed('{}'), '{"a":1}')
    expect([good.status, bad.status]).toEqual([200, 401])
    expect(await bad.json()).toMatchObject({ error: 'signature_mismatch' })
    const result = await server.stop()
    expect(result.exitCode).toBe(0)
    const [, first, second] = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first).toMatchObject({ type: 'delivery', url: '/hooks', verdict: { ok: true } })
    expect(second).toMatchObject({
      verdict: { code: 'signature_mismatch' },
      findings: [{ code: 'nothing_matches' }, {}],
    })
    expect(result.stdout + result.stderr).not.toContain(SECRET)
  })

  it('answers with the given statuses in turn, after the given time', async () => {
    const server = await listening(['--respond', '500,429,200', '--delay', '50ms'])
    const statuses: number[] = []
    for (let at = 0; at < 4; at++) statuses.push((await post(server.url, {}, 'x')).status)
    expect(statuses).toEqual([500, 429, 200, 200])
    expect((await server.stop('SIGTERM')).exitCode).toBe(0)
  })

  it('saves deliveries for its owner alone, forwards them, and replays them signed afresh', async () => {
    const received: { headers: http.IncomingHttpHeaders; body: string; url: string | undefined }[] = []
    const target = http.createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      received.push({ headers: request.headers, body, url: request.url })
      response.writeHead(202, { 'x-answer': 'yes' }).end('taken')
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const to = `http://127.0.0.1:${(target.address() as AddressInfo).port}/in`
    const capture = join(folder, 'capture.ndjson')

    const server = await listening(['--save', capture, '--forward', to, ...withSecret])
    const answer = await post(server.url, { ...signed('{"n":1}'), 'x-extra': 'kept' }, '{"n":1}')
    await post(server.url, signed('{"n":2}'), '{"n":2}')
    expect([answer.status, answer.headers.get('x-answer'), await answer.text()]).toEqual([202, 'yes', 'taken'])
    await server.stop()
    expect((await stat(capture)).mode & 0o777).toBe(0o600)
    expect(received[0]).toMatchObject({
      body: '{"n":1}',
      url: '/in',
      headers: { 'x-extra': 'kept', 'x-fluxora-delivery-id': 'd-1' },
    })

    const plain = await command.run(['replay', capture, '--url', to, '--json', '--diff'], { env })
    const lines = plain.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { ok: true, status: 202 },
      { ok: true, differences: { body: ['/n'] } },
    ])
    expect(received[2]?.headers['x-fluxora-signature']).toBe(received[0]?.headers['x-fluxora-signature'])

    // Long after, the old timestamp is too old; a fresh signature is not.
    const later = await command.run(['replay', capture, '--url', to, '--resign', ...withSecret], { env })
    expect(later.exitCode).toBe(0)
    const verifier = createWebhookVerifier({ secrets: SECRET })
    expect(verifier.verify({ headers: received[4]!.headers, body: received[4]!.body })).toMatchObject({
      ok: true,
      delivery: { deliveryId: 'd-1' },
    })
    target.close()
    target.closeAllConnections()
    expect((await command.run(['replay', capture, '--url', to], { env })).exitCode).toBe(1)
  })

  it('says at once that a port or a file cannot be had', async () => {
    const server = await listening([])
    const port = new URL(server.url).port
    expect(await command.run(['listen', '--port', port])).toMatchObject({ exitCode: 64 })
    expect(await command.run(['listen', '--port', '0', '--save', folder])).toMatchObject({ exitCode: 66 })
    await server.stop()
  })

  it('listens on loopback only, and survives senders that leave or send too much', async () => {
    const server = await listening([])
    const { port } = new URL(server.url)
    await expect(fetch(`http://[::1]:${port}/`)).rejects.toThrow()
    const half = http.request(server.url, { method: 'POST', headers: { 'content-length': '1000' } })
    half.on('error', () => {})
    half.write('some')
    await new Promise((resolve) => setTimeout(resolve, 50))
    half.destroy()
    const large = await fetch(server.url, { method: 'POST', body: new Uint8Array(2 ** 25 + 1) }).catch(() => undefined)
    expect([undefined, 413]).toContain(large?.status)
    expect((await post(server.url, {}, 'x')).status).toBe(200)
    await server.stop()
  })
})
