// As much of Bun's and Deno's globals as the recipes use; in a project of theirs the real ones are there.

declare const Bun: { serve(options: { port: number; fetch(request: Request): Promise<Response> }): unknown }

declare const Deno: {
  readonly env: { get(name: string): string | undefined }
  serve(options: { port: number }, handler: (request: Request) => Promise<Response>): unknown
}
