// Builds the library, installs what the example needs, and runs it in this process, so that a SIGTERM to `npm run example` reaches it.
//
//   npm run example [-- --serve]

import { execSync } from 'node:child_process'
import { root } from './shared/repository.mjs'

const commands = ['npm run docs:live', 'npm install --no-audit --no-fund --prefix examples/stream-server']
for (const command of commands) {
  execSync(command, { cwd: root, stdio: 'inherit' })
}

// npm runs this in a shell, which dies of a SIGTERM without passing it on. This process then has another parent, and ends as if told itself.
const parent = process.ppid
const watch = setInterval(() => {
  if (process.ppid === parent) return
  clearInterval(watch)
  process.kill(process.pid, 'SIGTERM')
}, 250)
watch.unref()

await import('../examples/stream-server/main.mjs')
