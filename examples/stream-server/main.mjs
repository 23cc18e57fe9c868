// Starts the stream server. Without --serve it takes the scripted tour: it sends itself what a server meets in a day, prints each answer
// with the reason, and exits with 1 if an answer is not the expected one. With --serve it stays up, on PORT or 3000.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from './server.mjs'
import { readSettings, SettingError } from './settings.mjs'
import { takeTour } from './tour/tour.mjs'

/** How long to wait, after SIGTERM, for what is in flight. */
const GRACE_MS = 8_000

try {
  await (process.argv.includes('--serve') ? serve() : tour())
} catch (error) {
  // A wrong setting is the operator's to mend, and no stack trace helps with that. The rest is ours.
  if (!(error instanceof SettingError)) throw error
  console.error(error.message)
  process.exit(1)
}

async function serve() {
  const settings = readSettings(process.env)
  const { app } = await createServer(settings)
  for (const name of settings.exampleSecrets) {
    app.log.warn(`${name} is not set: the example's own secret is used, which everybody knows.`)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, async () => {
      setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref()
      await app.close()
      process.exit(0)
    })
  }
  await app.listen({ port: settings.port, host: settings.host }).catch((error) => {
    throw new SettingError(`PORT or HOST: ${error.message}`)
  })
}

async function tour() {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'stream-server-tour-'))
  // The tour always has a new, empty storage of its own, and the example's own secrets.
  const settings = {
    ...readSettings({ LOG_LEVEL: 'silent', DATA_DIR: dataDirectory, ENDPOINT_ALLOW: '127.0.0.0/8' }),
    port: 0,
  }
  // Its clock is stopped, so that the accrued amounts are the same in every run.
  const startedAt = Math.floor(Date.now() / 1000)
  const server = await createServer(settings, { now: () => startedAt })
  const origin = await server.app.listen({ port: 0, host: '127.0.0.1' })
  const unexpected = await takeTour({ ...server, origin, startedAt, secrets: settings.secrets })
  await server.app.close()
  rmSync(dataDirectory, { recursive: true, force: true })
  console.log(unexpected === 0 ? '\nAll answers are as expected.' : `\n${unexpected} answers are not as expected.`)
  console.log('To see it for yourself: npm run example -- --serve, then open http://localhost:3000/')
  process.exitCode = unexpected === 0 ? 0 : 1
}
