// What tsup builds: the public subpaths, each with its source, and the command, which is no subpath.

import tsup from '../tsup.config.ts'

const { cli, ...entries } = (tsup as { entry: Record<string, string> }).entry

/** The source of each subpath: `{ index: 'src/index.ts', decimal: … }`. */
export const subpaths: Readonly<Record<string, string>> = entries
/** The source of the command. */
export const command: string = String(cli)
