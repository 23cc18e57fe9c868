// The server of `listen`. It takes any request, bounded in size and time, and hands it over as a capture.

import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ArrivedDelivery, captureLine } from '../capture.ts'
import { inputProblem, usageProblem } from '../exit-codes.ts'
import { isEndToEnd, sendOnce } from '../http-client.ts'
import type { CommandIo } from '../io.ts'
import { printable } from '../output/style.ts'
import { type Judgement, type JudgeSettings, judgeArrival } from './judge.ts'

/** What `listen` was asked to do. */
export interface ListenSettings extends JudgeSettings {
  readonly port: number
  readonly save: string | undefined
  readonly forward: URL | undefined
  /** Statuses to answer with in turn; none for the verdict's own. */
  readonly statuses: readonly number[]
  readonly delayMs: number
}

/** A server that listens. */
export interface Listening {
  readonly url: string
  /** Ends all connections. */
  close(): Promise<void>
}

/** 32 MiB: more than any known sender sends (GitHub: 25 MB). */
const MAX_BODY_BYTES = 2 ** 25
const BODY_TIMEOUT_MS = 30_000

/** Starts the server on loopback, or throws a usage problem if the port cannot be had. */
export async function startListening(settings: ListenSettings, io: CommandIo): Promise<Listening> {
  let count = 0
  const server = http.createServer({ requestTimeout: BODY_TIMEOUT_MS }, (request, response) => {
    const number = ++count
    void handle(settings, io, number, request, response).catch((error: unknown) => {
      io.warn(`delivery ${number}: ${error instanceof Error ? printable(error.message) : 'failed'}\n`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(usageProblem(`Port ${settings.port} cannot be used (${error.code}). Try --port 0.`))
    })
    server.listen(settings.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    return closed
  }
  return { url: `http://127.0.0.1:${port}/`, close }
}

async function handle(
  settings: ListenSettings,
  io: CommandIo,
  number: number,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  if (!body) {
    answer(response, 413, { error: 'payload_too_large', message: `The body is larger than ${MAX_BODY_BYTES} bytes.` })
    return
  }
  const delivery = arrived(request, body)
  if (settings.save !== undefined)
    await io.appendFile(settings.save, captureLine(delivery)).catch(() => appendFailure())
  const judgement = await judgeArrival(settings, delivery)
  await io.write(judgement.report(number, io))
  if (settings.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, settings.delayMs))
  const status = settings.statuses[Math.min(number, settings.statuses.length) - 1]
  if (settings.forward) await passOn(settings.forward, delivery, response, io)
  else if (status !== undefined) answer(response, status, { status })
  else answer(response, judgement.status, answerFor(judgement))
}

/** The body, or undefined if it is too large. Rejects if the sender goes away. */
async function readBody(request: http.IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function arrived(request: http.IncomingMessage, body: Uint8Array): ArrivedDelivery {
  const { rawHeaders, method = 'POST', url = '/' } = request
  const headers: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  return { method, url, headers, body, receivedAt: Math.floor(Date.now() / 1_000) }
}

function answerFor({ ok, code, message }: Judgement): unknown {
  return ok ? { ok: true } : { error: code, message }
}

function answer(response: http.ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}

async function passOn(
  target: URL,
  delivery: ArrivedDelivery,
  response: http.ServerResponse,
  io: CommandIo,
): Promise<void> {
  const received = await sendOnce({ ...delivery, url: target })
  if (!received.ok) {
    io.warn(`forwarding failed: ${received.message}\n`)
    answer(response, 502, { error: 'forward_failed', message: received.message })
    return
  }
  io.warn(`forwarded: ${received.status}\n`)
  const headers = Object.entries(received.headers).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => [name, one] as const),
  )
  response.writeHead(received.status, headers.filter(isEndToEnd).flat())
  response.end(received.body)
}

/** The capture cannot be written. */
export function appendFailure(): never {
  throw inputProblem('The file of --save cannot be written.')
}
