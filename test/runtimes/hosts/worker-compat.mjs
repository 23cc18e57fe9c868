// workerd with Node compatibility: the synchronous core as well.

import { runTests } from '../suite/core.mjs'
import '../suite/webhook.mjs'
import { same, test } from '../suite/harness.mjs'

test('this is the expected host', () => {
  same([navigator.userAgent, typeof process], ['Cloudflare-Workers', 'object'])
})

const worker = {
  async test() {
    const { passed, failures } = await runTests()
    console.log(JSON.stringify({ host: `${navigator.userAgent} with nodejs_compat`, passed, failures }))
    if (failures.length > 0) throw new Error(failures.join('\n'))
  },
}

// biome-ignore lint/style/noDefaultExport: what a worker is
export default worker
