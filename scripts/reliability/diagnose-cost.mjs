// The dearest inputs of a diagnosis: what they hash, how long they take, and how much memory they hold. Fails if one exceeds its budget of
// hashed bytes, or a minute. Uses the built package.
//
//   npm run build && node scripts/reliability/diagnose-cost.mjs

import { diagnoseDelivery } from '@fluxora/verify/diagnose'
import { fluxora, github } from '@fluxora/verify/schemes'

const MIB = 2 ** 20
const BUDGET = 64 * MIB
const secrets = (count) => Array.from({ length: count }, (_, at) => `secret number ${at}`)
const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
const member = '"memo":"Zürich <&> / 東京","amount":1.50,'

/** What a stranger can send, and what an operator can configure, at its worst. */
const inputs = {
  'a small body, one secret': { body: '{"id":"evt_1","amount":"1.50"}', secrets: 'topsecret' },
  'a small body, 200 secrets': { body: '{"id":"evt_1","amount":"1.50"}', secrets: secrets(200) },
  'an empty body, 2,000 secrets': { body: '', secrets: secrets(2000) },
  'a megabyte of JSON, one secret': { body: `{${member.repeat(20_000)}"end":1}`.slice(0, MIB), secrets: 'topsecret' },
  'a megabyte of sound JSON, one secret': { body: `{${member.repeat(18_000)}"end":1}`, secrets: 'topsecret' },
  'a megabyte, 200 secrets': { body: Buffer.alloc(MIB, 'x'), secrets: secrets(200) },
  '64 MiB, one secret': { body: Buffer.alloc(64 * MIB, 'x'), secrets: 'topsecret' },
  'brackets in brackets': { body: '['.repeat(MIB / 2) + ']'.repeat(MIB / 2), secrets: 'topsecret' },
  'objects in objects': { body: `${'{"a":'.repeat(MIB / 8)}1${'}'.repeat(MIB / 8)}`, secrets: 'topsecret' },
  'one member, 100,000 times': { body: `{${'"body":1,'.repeat(100_000)}"a":1}`, secrets: 'topsecret' },
  'a secret of 8 MiB': { body: '{}', secrets: 'x'.repeat(8 * MIB) },
  'a header of 16 KiB': { body: '{}', secrets: 'topsecret', headers: { 'x-hub-signature-256': 'ab, '.repeat(4096) } },
  'no header that is known': { body: '{}', secrets: secrets(50), headers: {}, scheme: fluxora },
}

for (const [name, input] of Object.entries(inputs)) {
  const before = process.memoryUsage().rss
  const from = performance.now()
  const { excluded } = await diagnoseDelivery({ scheme: github, headers: wrong, ...input })
  const seconds = (performance.now() - from) / 1000
  const grown = Math.max(0, process.memoryUsage().rss - before) / MIB
  const { hashedBytes, complete } = excluded
  const hashed = `${(hashedBytes / MIB).toFixed(1)} MiB hashed`
  console.log(
    `${name.padEnd(38)} ${seconds.toFixed(2)} s  ${hashed}, ${complete ? 'complete' : 'ended'}, memory +${grown.toFixed(0)} MiB`,
  )
  if (hashedBytes > BUDGET || seconds > 60) process.exitCode = 1
}
