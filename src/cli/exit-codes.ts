// How the command ends. Scripts decide by these numbers, so none ever changes its meaning.

/** The exit code of each ending. 64, 66 and 74 are those of BSD's sysexits.h. */
export const EXIT = {
  /** Genuine, delivered, an amount, a healthy chain. */
  good: 0,
  /** Refused, or the cause is known. */
  refused: 1,
  /** There are hints only. */
  hintsOnly: 2,
  /** Nothing was found that explains the refusal. */
  nothingFound: 3,
  /** The command line makes no sense. */
  usage: 64,
  /** There is nothing to read, or it is not what it should be. */
  noInput: 66,
  /** What it says cannot be written: the disk is full, say. */
  noOutput: 74,
  /** A signal ended it before its work was done: 128 and the number of SIGINT, as in every shell. */
  interrupted: 130,
} as const

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** 0 if all went well, 1 otherwise. */
export function exitFor(isGood: boolean): ExitCode {
  if (isGood) return EXIT.good
  return EXIT.refused
}

/** Ends the command with a message for the user. Thrown by a step of a command, caught in run.ts. */
export class CommandProblem extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The command line makes no sense. */
export function usageProblem(message: string): CommandProblem {
  return new CommandProblem(EXIT.usage, message)
}

/** There is nothing to read, or it is not what it should be. */
export function inputProblem(message: string): CommandProblem {
  return new CommandProblem(EXIT.noInput, message)
}
