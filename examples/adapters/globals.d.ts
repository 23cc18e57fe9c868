// The parts of Bun's and Deno's globals that the recipes use. In a real Bun or Deno project, the real types take their place.

declare const Bun: { serve(options: { port: number; fetch(request: Request): Promise<Response> }): unknown }

declare const Deno: {
  readonly env: { get(name: string): string | undefined }
  serve(options: { port: number }, handler: (request: Request) => Promise<Response>): unknown
}
