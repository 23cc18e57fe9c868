// A minimal host of a fetch route on Node, built like serverless runtimes and @hono/node-server: the body is read lazily, a cancelled body
// destroys the request, and a small unread rest is drained after the answer.

import type { IncomingMessage, ServerResponse } from 'node:http'

export function bridge(
  route: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort()
    })
    const headers = new Headers()
    for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
      headers.append(incoming.rawHeaders[at] as string, incoming.rawHeaders[at + 1] as string)
    }
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD'
    incoming.on('error', () => {})
    const answer = await route(
      new Request(`http://localhost${incoming.url}`, {
        method: incoming.method as string,
        headers,
        signal: gone.signal,
        ...(hasBody ? { body: lazily(incoming), duplex: 'half' } : {}),
      } as RequestInit),
    )
    const body = Buffer.from(await answer.arrayBuffer())
    if (outgoing.destroyed) return
    const isLittle =
      incoming.readableEnded || !incoming.readableDidRead
        ? Number(incoming.headers['content-length'] ?? 0) < 65_536
        : false
    outgoing.writeHead(answer.status, {
      ...Object.fromEntries(answer.headers),
      'content-length': body.length,
      ...(isLittle ? {} : { connection: 'close' }),
    })
    outgoing.end(body)
    if (isLittle) incoming.resume()
    else outgoing.once('finish', () => incoming.socket.destroySoon())
  }
}

function lazily(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= incoming[Symbol.asyncIterator]()
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel() {
        incoming.destroy()
      },
    },
    { highWaterMark: 0 },
  )
}
