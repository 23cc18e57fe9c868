// docs/cli.md: its walk-through runs as printed, and its schema fits what the command prints.

import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { createWebhookSigner } from '../../src/webhook/index.ts'
import { builtCommand } from './process.ts'
import { runIn } from './support.ts'

const command = builtCommand()
const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')

describe('docs/cli.md', () => {
  it('has a walk-through that runs as printed', async () => {
    const [, script = ''] = /<!-- run by: test\/cli\/docs.test.ts -->\n```sh\n([\s\S]*?)```/.exec(page) ?? []
    const folder = await mkdtemp(join(tmpdir(), 'cli-docs-'))
    const shim = join(folder, 'fluxora-verify')
    await writeFile(shim, `#!/bin/sh\nexec '${process.execPath}' '${command.file()}' "$@"\n`)
    await chmod(shim, 0o755)
    const output = String(
      execFileSync('bash', ['--norc', '-e', '-c', script], {
        cwd: folder,
        env: { PATH: `${folder}:${process.env.PATH}` },
      }),
    )
    for (const text of ['x-fluxora-signature: ', 'genuine', 'proven: body_reserialized', '-0.0000001', 'tip 2'])
      expect(output).toContain(text)
    await rm(folder, { recursive: true })
  })

  it('names every command', () => {
    for (const { name } of COMMANDS) expect(page).toMatch(new RegExp(`^\\| \`${name}\\b`, 'm'))
  })
})

describe('docs/cli.schema.json', async () => {
  const schema = JSON.parse(await readFile(new URL('../../docs/cli.schema.json', import.meta.url), 'utf8'))
  const ajv = new Ajv2020({ allErrors: true }).addSchema(schema, 'cli')
  const env = { S: 'topsecret', O: '"other"' }
  const request = (body: string, secrets: string): string =>
    JSON.stringify({ headers: createWebhookSigner({ secrets }).sign({ body, event: 'e' }), body })
  const ledgers = '{"sequence":1,"hash":"a"}\n{"sequence":9,"hash":"b"}\n{"sequence":9,"hash":""}'

  it.each([
    ['sign', 'x', ['--secret-env', 'S', '--curl', 'http://x/']],
    ['verify', request('{}', 'topsecret'), ['--secret-env', 'S']],
    ['verify', request('{}', 'other'), ['--secret-env', 'S']],
    ['verify', `${request('{}', 'other')}\n${request('{}', 'topsecret')}`, ['--secret-env', 'S']],
    ['diagnose', request('{}', 'topsecret'), ['--secret-env', 'S']],
    ['diagnose', request('{}', 'other'), ['--secret-env', 'S', '--other-secret-env', 'O']],
    ['diagnose', `${request('{}', 'other')}\n${request('{}', 'topsecret')}`, ['--secret-env', 'S']],
    ['decimal', '1\nx\n', ['-']],
    ['decimal', '', ['1.5']],
    ['reorg', ledgers, []],
  ])('fits what %s prints', async (name, stdin, words) => {
    const { stdout } = await runIn({ env, stdin }, name, '--json', ...words)
    const check = ajv.getSchema(`cli#/$defs/${name}`)!
    for (const line of stdout.trim().split('\n')) {
      expect(check(JSON.parse(line)), `${line}\n${ajv.errorsText(check.errors)}`).toBe(true)
    }
  })
})
