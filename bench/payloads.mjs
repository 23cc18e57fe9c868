// Bodies and headers for the webhook benchmarks: JSON of an exact size, with some text beyond ASCII as in real payloads, and headers as
// Node's http gives them.

export const SECRET = 'whsec_Zmx1eG9yYS1iZW5jaC1zZWNyZXQtb2YtMzItYnl0ZXM='
export const SIZES = [256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 262_144]

/** A JSON body of exactly `size` bytes. */
export function bodyOf(size, id = 'evt_01HV3K9B2Q') {
  const event = { id, type: 'stream.updated', data: { memo: 'Zürich → 東京', amount: '1000000.0000000' }, streams: [] }
  const stream = { sender: `G${'ABCDEFGH'.repeat(6)}`, depositAmount: '250.5000000', note: 'größer', status: 'active' }
  const room = size - Buffer.byteLength(JSON.stringify({ ...event, pad: '' }))
  const count = Math.floor(room / (Buffer.byteLength(JSON.stringify(stream)) + 1))
  event.streams = Array.from({ length: Math.max(0, count) }, () => stream)
  event.pad = ''
  event.pad = 'x'.repeat(size - Buffer.byteLength(JSON.stringify(event)))
  const body = Buffer.from(JSON.stringify(event))
  if (body.length !== size) throw new Error(`The body has ${body.length} bytes instead of ${size}.`)
  return body
}

/** The body with one bit changed, near its end. */
export function forgedFrom(body) {
  const forged = Buffer.from(body)
  forged[forged.length - 5] ^= 1
  return forged
}

/** A request's headers as Node gives them, including the signed ones. */
export function headersOf(body, signed) {
  return {
    host: 'hooks.example.com',
    'user-agent': 'Webhook-Dispatcher/2.0',
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'content-type': 'application/json',
    'content-length': String(body.length),
    connection: 'keep-alive',
    'x-request-id': '0b8c2f6e-5a8e-4f44-9d9f-0d6f2e0a7c11',
    ...signed,
  }
}

export const bytesText = (size) => `${size.toLocaleString('en')} bytes`
