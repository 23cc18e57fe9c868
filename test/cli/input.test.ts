// Requests in the forms in which people have them.

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCurl } from '../../src/cli/input/curl.ts'
import { readJson } from '../../src/cli/input/json-request.ts'
import { readRawHttp } from '../../src/cli/input/raw-http.ts'
import { shellWords } from '../../src/cli/input/shell-words.ts'
import { curlCommand } from '../../src/cli/output/curl-command.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (body: unknown): string => new TextDecoder().decode(body as Uint8Array)
const noFile = () => Promise.reject(new Error('no file'))

function only(read: ReturnType<typeof readJson>) {
  if (!read.ok) throw new Error(read.message)
  expect(read.requests).toHaveLength(1)
  return read.requests[0]!
}

describe('raw HTTP', () => {
  it('reads a request line, headers and the very bytes of the body', () => {
    const request = only(readRawHttp(encode('POST /hooks?a=1 HTTP/1.1\r\nHost: x\r\nX-Sig:  abc \r\n\r\n{"a":1}\r\n')))
    expect(request).toMatchObject({
      method: 'POST',
      url: '/hooks?a=1',
      headers: [
        ['Host', 'x'],
        ['X-Sig', 'abc'],
      ],
    })
    expect(decode(request.body)).toBe('{"a":1}\r\n')
  })

  it.each([
    ['LF alone', 'x-sig: abc\n\nbody'],
    ['no request line', 'x-sig: abc\r\n\r\nbody'],
    ['a byte order mark and an empty line first', '\ufeff\r\nx-sig: abc\r\n\r\nbody'],
    ['pseudo-headers of HTTP/2', ':method: POST\n:path: /x\nx-sig: abc\n\nbody'],
  ])('reads a head with %s', (_, text) => {
    const request = only(readRawHttp(encode(text)))
    expect(request.headers).toEqual([['x-sig', 'abc']])
    expect(decode(request.body)).toBe('body')
  })

  it('joins chunks, and leaves a body alone that was joined already', () => {
    const head = 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n'
    expect(decode(only(readRawHttp(encode(`${head}4\r\nbody\r\n1;x=y\r\n!\r\n0\r\n\r\n`))).body)).toBe('body!')
    expect(decode(only(readRawHttp(encode(`${head}{"a":1}`))).body)).toBe('{"a":1}')
    expect(decode(only(readRawHttp(encode(`${head}ffffffff\r\nbody`))).body)).toBe('ffffffff\r\nbody')
  })

  it('drops one line break beyond the declared length, which an editor put there, and nothing else', () => {
    const head = 'POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\n'
    expect(decode(only(readRawHttp(encode(`${head}body\n`))).body)).toBe('body')
    expect(decode(only(readRawHttp(encode(`${head}body\r\n`))).body)).toBe('body')
    expect(decode(only(readRawHttp(encode(`${head}body\n\n`))).body)).toBe('body\n\n')
    expect(decode(only(readRawHttp(encode(`${head}bo`))).body)).toBe('bo')
  })

  it('says which line is not a header', () => {
    expect(readRawHttp(encode('POST / HTTP/1.1\r\nx: y\r\nnonsense\r\n\r\n'))).toMatchObject({
      ok: false,
      message: expect.stringContaining('Line 3'),
    })
  })

  it('keeps every byte of a body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        const head = encode(`POST / HTTP/1.1\r\nx: y\r\ncontent-length: ${body.length}\r\n\r\n`)
        expect(only(readRawHttp(Uint8Array.from([...head, ...body]))).body).toEqual(body)
      }),
    )
  })
})

describe('a curl command', () => {
  const read = async (text: string, readFile: (path: string) => Promise<Uint8Array> = noFile) =>
    only(await readCurl(text, readFile))

  it('reads what browsers copy', async () => {
    const request = await read(`curl 'https://example.com/hooks' \\
      -H 'content-type: application/json' \\
      -H 'x-sig: it'\\''s' \\
      --data-raw $'{"name":"caf\\u00e9","line":"a\\nb"}' --compressed`)
    expect(request).toMatchObject({ method: 'POST', url: 'https://example.com/hooks' })
    expect(request.headers).toEqual([
      ['content-type', 'application/json'],
      ['x-sig', "it's"],
    ])
    expect(decode(request.body)).toBe('{"name":"café","line":"a\nb"}')
  })

  it('reads what browsers copy for cmd.exe', async () => {
    const request = await read(
      'curl ^"https://example.com/hooks^" ^\r\n  -H ^"x-sig: abc^" ^\r\n  --data-raw ^"^{\\^"a\\^":1^}^"',
    )
    expect(request).toMatchObject({ url: 'https://example.com/hooks', headers: [['x-sig', 'abc'], expect.anything()] })
    expect(decode(request.body)).toBe('{"a":1}')
  })

  it.each([
    ['-d', 'curl -d a=1 -d b=2 u', 'a=1&b=2', 'application/x-www-form-urlencoded'],
    ['--json', `curl --json '{"a":' --json '1}' u`, '{"a":1}', 'application/json'],
    ['--data-urlencode', 'curl --data-urlencode "a=b c&d" u', 'a=b%20c%26d', 'application/x-www-form-urlencoded'],
    ['a value that is attached', 'curl -XPUT -da=1 --url=u', 'a=1', 'application/x-www-form-urlencoded'],
  ])('joins bodies given by %s', async (_, text, body, type) => {
    const request = await read(text)
    expect(decode(request.body)).toBe(body)
    expect(request.headers).toContainEqual(['content-type', type])
    expect(request.url).toBe('u')
  })

  it('takes a body from a file, without line breaks if curl drops them', async () => {
    const file = async (path: string) => encode(path === 'b.json' ? '{\r\n"a":1}\n' : '')
    expect(decode((await read('curl --data-binary @b.json u', file)).body)).toBe('{\r\n"a":1}\n')
    expect(decode((await read('curl -d @b.json u', file)).body)).toBe('{"a":1}')
  })

  it.each([
    ['a quote that is never closed', `curl -H 'x: y`, 'never closed'],
    ['a form', 'curl -F a=b u', '-F'],
    ['a file that is not there', 'curl -d @gone u', 'cannot be read'],
    ['an option at the end without its value', 'curl u -H', '-H'],
  ])('says what is wrong with %s', async (_, text, message) => {
    expect(await readCurl(text, noFile)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })

  it('is split into words as a real shell does', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', ' ', '\t', "'", '"', '\\', '\n', '$', '`', '{', 'é', '^', '@'),
      minLength: 1,
      maxLength: 12,
    })
    const single = word.map((text) => `'${text.replaceAll("'", `'\\''`)}'`)
    const double = word.map((text) => `"${text.replace(/[$`"\\]/g, '\\$&')}"`)
    const line = fc.array(
      fc.oneof(single, double, fc.constantFrom('a\\ b', "$'\\x41\\u00e9\\t\\101'", 'plain', "''")),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(line, (words) => {
        const text = words.join(' \\\n ')
        const expected = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${text}`], {
          env: { LC_ALL: 'C.UTF-8' },
        })
        expect(shellWords(text)).toEqual(String(expected).split('\0').slice(0, -1))
      }),
      { numRuns: 60 },
    )
  })

  it('reads back what sign --curl writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
        async (text) => {
          const command = curlCommand(new URL('http://127.0.0.1/x'), { 'x-sig': "a'b" }, encode(text), undefined)
          const request = await read(command)
          expect(request.body).toEqual(encode(text))
          expect(request.headers).toContainEqual(['x-sig', "a'b"])
        },
      ),
    )
  })
})

describe('an event of a function platform', () => {
  const headers = { 'x-sig': 'abc' }

  it.each<[string, object, string, string]>([
    [
      'the newer one',
      { rawPath: '/prod/x', rawQueryString: 'b=%20c&a=1', requestContext: { http: { method: 'PUT' } } },
      'PUT',
      '/prod/x?b=%20c&a=1',
    ],
    [
      'the older one',
      { httpMethod: 'POST', path: '/x', requestContext: { path: '/prod/x' }, queryStringParameters: { a: 'b c' } },
      'POST',
      '/prod/x?a=b%20c',
    ],
    [
      'with lists',
      { httpMethod: 'POST', path: '/x', multiValueQueryStringParameters: { a: ['1', '2'] } },
      'POST',
      '/x?a=1&a=2',
    ],
    ['without a query', { httpMethod: 'POST', path: '/x', queryStringParameters: null }, 'POST', '/x'],
    [
      'of a load balancer',
      { httpMethod: 'POST', path: '/x', requestContext: { elb: {} }, queryStringParameters: { a: 'b%20c' } },
      'POST',
      '/x?a=b%20c',
    ],
  ])('has its method, path and query: %s', (_, event, method, url) => {
    expect(only(readJson(JSON.stringify({ headers, body: '{}', ...event })))).toMatchObject({ method, url })
  })

  it('may have no path', () => {
    expect(only(readJson(JSON.stringify({ headers, body: '{}', requestContext: 'none' }))).url).toBeUndefined()
  })
})

describe('JSON', () => {
  const headers = { 'x-sig': 'abc' }

  it.each([
    ['our own form', { method: 'POST', url: '/x', headers, body: '{"a":1}' }],
    ['headers as pairs', { headers: [['x-sig', 'abc']], body: '{"a":1}' }],
    ['headers as name and value', { headers: [{ name: 'x-sig', value: 'abc' }], body: '{"a":1}' }],
    ['a base64 body', { headers, bodyBase64: btoa('{"a":1}') }],
    ['an API Gateway event', { httpMethod: 'POST', path: '/x', headers, body: btoa('{"a":1}'), isBase64Encoded: true }],
    ['an API Gateway event with lists', { multiValueHeaders: { 'x-sig': ['abc'] }, headers: null, body: '{"a":1}' }],
    [
      'a newer API Gateway event',
      { requestContext: { http: { method: 'POST' } }, rawPath: '/x', rawQueryString: '', headers, body: '{"a":1}' },
    ],
    [
      'a HAR entry',
      {
        request: {
          method: 'POST',
          url: '/x',
          headers: [{ name: 'x-sig', value: 'abc' }],
          postData: { text: '{"a":1}' },
        },
      },
    ],
    [
      'a HAR file',
      {
        log: {
          entries: [
            {
              request: {
                headers: [
                  { name: ':path', value: '/' },
                  { name: 'x-sig', value: 'abc' },
                ],
                postData: { text: btoa('{"a":1}'), encoding: 'base64' },
              },
            },
          ],
        },
      },
    ],
  ])('reads %s', (_, value) => {
    const request = only(readJson(JSON.stringify(value)))
    expect(request.headers).toEqual([['x-sig', 'abc']])
    expect(decode(request.body)).toBe('{"a":1}')
  })

  it('keeps a body that was parsed as what it is', () => {
    expect(only(readJson(JSON.stringify({ headers, body: { a: 1 } }))).body).toEqual({ a: 1 })
  })

  it('writes the form that a HAR entry shows as fields', () => {
    const request = { headers: [], postData: { params: [{ name: 'a', value: 'b c' }, { name: 'd' }] } }
    expect(decode(only(readJson(JSON.stringify({ request }))).body)).toBe('a=b+c&d=')
  })

  it('reads a capture, a request a line', () => {
    const line = JSON.stringify({ headers, bodyBase64: btoa('x'), receivedAt: 5 })
    expect(readJson(`${line}\r\n${line}\n`)).toMatchObject({
      ok: true,
      requests: [{ receivedAt: 5 }, { receivedAt: 5 }],
    })
  })

  it.each([
    ['no JSON', '{"a":'],
    ['no headers', '{"body":"x"}'],
    ['bad base64', '{"headers":{},"bodyBase64":"%%"}'],
    ['an empty list', '[]'],
    ['a number', '5'],
  ])('says what is wrong with %s', (_, text) => {
    expect(readJson(text)).toMatchObject({ ok: false })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(typeof readJson(text).ok).toBe('boolean')
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof readRawHttp(bytes).ok).toBe('boolean')
      }),
    )
  })
})
