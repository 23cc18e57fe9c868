// The parts of Bun's and Deno's globals that the recipes use. In a real Bun or Deno project, the real types take their place.

declare const Bun: { serve(options: { port: string | number; fetch(request: Request): Promise<Response> }): unknown }

declare const Deno: {
  readonly env: { get(name: string): string | undefined }
  serve(options: { port: number }, handler: (request: Request) => Promise<Response>): unknown
}

// The parts of Cloudflare's types that the recipe uses. In a real Worker, @cloudflare/workers-types takes their place.

interface SqlStorage {
  exec(text: string, ...values: unknown[]): { toArray(): unknown[] }
}

interface DurableObjectState {
  readonly storage: { readonly sql: SqlStorage }
  blockConcurrencyWhile(work: () => Promise<unknown>): void
}

interface DurableObjectNamespace<T> {
  idFromName(name: string): unknown
  get(id: unknown): T
}

declare module 'cloudflare:workers' {
  export class DurableObject {
    protected readonly ctx: DurableObjectState
    constructor(context: DurableObjectState, env: unknown)
  }
}
