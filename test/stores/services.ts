// Local stand-ins for cloud services, in front of the real servers: Upstash (commands over HTTP) and Neon (statements over HTTP, and the
// wire protocol over WebSockets), as far as their clients use them.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Redis } from 'ioredis'
import pg from 'pg'

export interface Service {
  readonly url: string
  close(): Promise<void>
}

async function listen(answer: (request: IncomingMessage, body: string) => Promise<object>): Promise<Server> {
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answered = await answer(request, Buffer.concat(chunks).toString()).catch(
      (error: Error & { code?: string }) => {
        response.statusCode = 400
        return { error: error.message, message: error.message, code: error.code }
      },
    )
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answered))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}

/** A command is an array, a pipeline an array of commands. Answers are in base64 if the client asks for that. */
export async function startUpstash(redis: Redis): Promise<Service> {
  const server = await listen(async ({ url, headers }, body) => {
    const encode = (reply: unknown): unknown => {
      if (Array.isArray(reply)) return reply.map(encode)
      if (typeof reply !== 'string' || reply === 'OK' || headers['upstash-encoding'] !== 'base64') return reply
      return Buffer.from(reply).toString('base64')
    }
    const run = async ([name, ...args]: [string, ...string[]]) => ({ result: encode(await redis.call(name, ...args)) })
    const commands = JSON.parse(body)
    if (url !== '/pipeline') return run(commands)
    return Promise.all(commands.map((command: [string]) => run(command).catch(({ message }) => ({ error: message }))))
  })
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closed(server) }
}

/** What is used of the driver and of `ws`, which are loaded from the folder of the recipes. */
export interface NeonParts {
  readonly neonConfig: object
  readonly WebSocket: unknown
  readonly WebSocketServer: new (options: {
    server: Server
  }) => {
    on(event: 'connection', act: (socket: TunnelledSocket) => void): void
    close(): void
  }
}

interface TunnelledSocket {
  send(data: Buffer): void
  on(event: string, act: (data: Buffer) => void): void
  close(): void
}

/** Also configures the driver to connect here, whatever host its connection string names. */
export async function startNeon(databaseUrl: string, parts: NeonParts): Promise<Service> {
  const { neonConfig, WebSocket, WebSocketServer } = parts
  const pool = new pg.Pool({ connectionString: databaseUrl })
  const raw = { getTypeParser: () => (value: unknown) => value }
  const server = await listen(async (_request, body) => {
    const { query, params } = JSON.parse(body)
    const config = {
      text: query,
      values: params,
      rowMode: 'array' as const,
      types: raw as unknown as pg.CustomTypesConfig,
    }
    const { command, rowCount, rows, fields } = await pool.query(config)
    return { command, rowCount, rows, fields, rowAsArray: true }
  })
  const { hostname, port } = new URL(databaseUrl)
  const tunnels = new WebSocketServer({ server })
  tunnels.on('connection', (socket) => {
    const tunnel: Socket = connect({ host: hostname, port: Number(port || 5432) })
    tunnel.on('data', (data) => socket.send(data))
    tunnel.on('error', () => socket.close())
    tunnel.on('close', () => socket.close())
    socket.on('message', (data) => tunnel.write(data))
    socket.on('close', () => tunnel.destroy())
  })
  Object.assign(neonConfig, {
    fetchEndpoint: () => `http://127.0.0.1:${portOf(server)}/sql`,
    wsProxy: () => `127.0.0.1:${portOf(server)}/v1`,
    webSocketConstructor: WebSocket,
    useSecureWebSocket: false,
    pipelineTLS: false,
    pipelineConnect: false,
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      tunnels.close()
      await closed(server)
      await pool.end()
    },
  }
}
