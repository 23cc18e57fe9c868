// Imports one file and prints what that did to the process, as JSON: changed globals, listeners, timers, environment reads. Run it in a child.

import { pathToFileURL } from 'node:url'

const read = new Set()
const started = []
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) {
  const original = globalThis[name]
  globalThis[name] = (...args) => {
    started.push(name)
    return original(...args)
  }
}
const env = new Proxy(process.env, {
  get(target, key) {
    if (typeof key === 'string') read.add(key)
    return target[key]
  },
  has(target, key) {
    read.add(String(key))
    return key in target
  },
  ownKeys(target) {
    read.add('every name')
    return Reflect.ownKeys(target)
  },
})

// Load what Node itself loads lazily, because that would look like a change.
await import('node:crypto')
void [
  globalThis.crypto?.subtle,
  globalThis.fetch,
  globalThis.AbortController,
  globalThis.TextEncoder,
  globalThis.performance,
]
const before = snapshot()
const listeners = countListeners()
const resources = process.getActiveResourcesInfo().length
Object.defineProperty(process, 'env', { value: env, configurable: true })
const module = await import(pathToFileURL(process.argv[2]).href)
const after = snapshot()

const changed = []
for (const [path, descriptors] of after) {
  const old = before.get(path)
  for (const key of Reflect.ownKeys(descriptors)) {
    if (!old || !(key in old) || !Object.is(old[key], descriptors[key])) changed.push(`${path}.${String(key)}`)
  }
}
for (const [path, old] of before) {
  const now = after.get(path) ?? old // if a global is gone, its name is enough
  for (const key of Reflect.ownKeys(old)) if (!(key in now)) changed.push(`${path}.${String(key)} gone`)
}
console.log(
  JSON.stringify({
    names: Object.keys(module).length,
    globals: before.size,
    changed,
    started,
    // Without what Node's own loader reads at every import.
    read: [...read].filter((name) => name !== 'WATCH_REPORT_DEPENDENCIES'),
    listeners: countListeners() - listeners,
    resources: process.getActiveResourcesInfo().length - resources,
  }),
)

/** The own properties of the global object, of each global, and of their prototypes. */
function snapshot() {
  const seen = new Map()
  note('globalThis', globalThis)
  for (const name of Reflect.ownKeys(globalThis)) {
    const value = Object.getOwnPropertyDescriptor(globalThis, name)?.value
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || value === globalThis) continue
    note(String(name), value)
    if (typeof value === 'function' && value.prototype) note(`${String(name)}.prototype`, value.prototype)
  }
  return seen

  function note(path, object) {
    const held = Object.create(null)
    for (const key of Reflect.ownKeys(object)) {
      const { value, get } = Object.getOwnPropertyDescriptor(object, key)
      held[key] = get ?? value
    }
    if (path === 'process') for (const key of ['env', 'report']) delete held[key]
    seen.set(path, held)
  }
}

function countListeners() {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}
