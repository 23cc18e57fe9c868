// What a command may touch of the world. main.ts gives the process; a test gives what it likes.

/** The world of one run. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The package's version. */
  readonly version: string
  /** Writes to standard output. Resolves once the reader can take more. */
  write(text: string): Promise<void>
  /** Writes to standard error. */
  warn(text: string): void
  /** All of standard input; undefined if it is closed. */
  readStdin(): Promise<Uint8Array | undefined>
  /** The bytes of a file. Rejects as `node:fs` does. */
  readFile(path: string): Promise<Uint8Array>
  /** Adds text to the end of a file, which only its owner may read if it is new. */
  appendFile(path: string, text: string): Promise<void>
  readonly stdinIsTerminal: boolean
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** Calls `end` when the user asks the command to end (SIGINT, SIGTERM). Until it is called, a signal ends the process at once. */
  onInterrupt(end: () => void): void
}
