// The curl lines of the example's README run as they stand (but for the port), and print what the README says.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { emptyFolder, isInstalled, start } from './support.ts'

const readme = readFileSync(new URL('../../examples/stream-server/README.md', import.meta.url), 'utf8')

describe.skipIf(!isInstalled)("the README's walk-through", () => {
  it('runs as it stands', async () => {
    const server = await start({ DATA_DIR: emptyFolder() })
    const lines = /```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const script = lines.replaceAll('http://localhost:3000', server.origin)
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script])
    server.process.kill('SIGTERM')
    expect(await server.exit).toBe(0)
    expect(stderr).toBe('')
    for (const said of [
      '{"status":"ok"',
      '"status":"completed"',
      '{"streams":[{"id":',
      'DECIMAL_INVALID_TYPE',
      '"duplicate":true',
      '"code":"EXTENDED"',
      '"code":"REORG"',
      'NETWORK_PASSPHRASE = ',
      'fluxora_webhook_deliveries_total{scheme="fluxora",code="ok"} 1',
    ]) {
      expect(stdout).toContain(said)
    }
    expect(stdout.match(/"accruedAmount":"100"/g)?.length).toBe(3)
  })
})
