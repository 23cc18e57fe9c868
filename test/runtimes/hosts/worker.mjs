// workerd without Node compatibility: the core tests. `workerd test` calls `test`.

import { runTests } from '../suite/core.mjs'
import { same, test } from '../suite/harness.mjs'

test('this is the expected host', () => {
  same(navigator.userAgent, 'Cloudflare-Workers')
  same([typeof process, typeof Buffer], ['undefined', 'undefined'])
})

const worker = {
  async test() {
    const { passed, failures } = await runTests()
    console.log(JSON.stringify({ host: navigator.userAgent, passed, failures }))
    if (failures.length > 0) throw new Error(failures.join('\n'))
  },
}

// biome-ignore lint/style/noDefaultExport: what a worker is
export default worker
