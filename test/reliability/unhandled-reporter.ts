// Prints how many rejections and errors nobody handled, over the whole run. Vitest fails on them; this shows that it looked.

import type { Reporter, TestModule } from 'vitest/node'

export const unhandledReporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], unhandled): void {
    const tests = modules.reduce((sum, module) => sum + [...module.children.allTests()].length, 0)
    console.log(`unhandled rejections and errors in ${modules.length} files, ${tests} tests: ${unhandled.length}`)
  },
}
