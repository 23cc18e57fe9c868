// Junk that can be saved in a file. Every value is a tree of JSON, in which tags represent values that JSON does not have. A mutated tree is
// again a tree.

export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree }

/** Random numbers from 0 up to 1, from a seed (mulberry32). */
export function randomBy(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const TAGS: Record<string, (argument: Tree) => unknown> = {
  $undefined: () => undefined,
  $bigint: (text) => BigInt(text as string),
  $number: (text) => Number(text),
  $bytes: (text) => new Uint8Array(bufferOf(text)),
  $buffer: (text) => bufferOf(text),
  $repeat: (pair) => ((pair as readonly Tree[])[0] as string).repeat((pair as readonly Tree[])[1] as number),
  $map: (pairs) => new Map((pairs as readonly [Tree, Tree][]).map(([key, value]) => [build(key), build(value)])),
  $headers: (pairs) => new Headers(pairs as [string, string][]),
  $date: (text) => new Date(text as number),
  $function: (result) => () => build(result),
  $thrower: (text) => () => {
    throw new Error(String(text))
  },
  $symbol: (text) => Symbol(String(text)),
  $getter: (name) =>
    Object.defineProperty({}, String(name), {
      enumerable: true,
      get() {
        throw new Error('a getter that throws')
      },
    }),
  $proxy: () =>
    new Proxy(
      {},
      new Proxy(
        {},
        {
          get() {
            throw new Error('a trap that throws')
          },
        },
      ),
    ),
  $boxed: (text) => Object(String(text)),
  $bare: (entries) => {
    const from = build(entries)
    // Spreading a text goes character by character, and takes seconds for a long one.
    return Object.assign(Object.create(null), typeof from === 'object' ? from : {})
  },
  $cycle: () => {
    const cycle: Record<string, unknown> = { amount: 1 }
    cycle.self = cycle
    return cycle
  },
}

/** Takes no object with a length: Node would allocate that many bytes, and two gigabytes, filled one by one, look as if the library hangs. */
function bufferOf(tree: Tree): Buffer {
  if (typeof tree === 'string') return Buffer.from(tree, 'hex')
  if (Array.isArray(tree)) return Buffer.from(tree as number[])
  throw new TypeError('These are not bytes.')
}

/** The value that a tree represents. */
export function build(tree: Tree): unknown {
  if (typeof tree !== 'object' || tree === null) return tree
  if (Array.isArray(tree)) return tree.map(build)
  const [key, ...more] = Object.keys(tree)
  const make = key !== undefined && more.length === 0 && Object.hasOwn(TAGS, key) ? TAGS[key] : undefined
  if (make) {
    try {
      return make((tree as Record<string, Tree>)[key as string] as Tree)
    } catch {
      return undefined // a mutation gave the tag an argument that it cannot use
    }
  }
  const object: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(tree))
    Object.defineProperty(object, name, { value: build(value), enumerable: true, writable: true, configurable: true })
  return object
}

const TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '0',
    '-0',
    '1',
    '+1.5',
    '1e3',
    '1,5',
    '.5',
    '1.',
    '007',
    '0.0000001',
    '0.00000001',
    '٣',
    '１',
    'NaN',
    'null',
  ],
  ...[
    '922337203685.4775807',
    '922337203685.4775808',
    '9'.repeat(128),
    '9'.repeat(129),
    '__proto__',
    'constructor',
    'toString',
    'length',
  ],
  ...[
    '\ud800',
    'é',
    '\u202e',
    '{}',
    '[]',
    '"',
    '\\',
    'a, b',
    ',',
    ';',
    '=',
    't=1,v1=',
    'v1,',
    'sha256=',
    'whsec_',
    'identity',
    'gzip',
  ],
  ...[
    '1710000000',
    '1710000301',
    '01710000000',
    '1e9',
    '0x1',
    '99999999999999999999',
    'topsecret',
    'ledgers',
    'finalized',
    'reset',
    'replay',
  ],
]
const LEAVES: readonly Tree[] = [
  ...[null, true, false, 0, -0, 1, -1, 0.5, 7, 128, 2 ** 31, 2 ** 53, 2 ** 53 - 1, 1e21, -1e21],
  ...[
    { $undefined: 0 },
    { $number: 'NaN' },
    { $number: 'Infinity' },
    { $number: '-Infinity' },
    { $bigint: '0' },
    { $bigint: '-1' },
  ],
  ...[
    { $bigint: '9'.repeat(60) },
    { $bytes: '' },
    { $bytes: '7b7d' },
    { $bytes: 'ff' },
    { $buffer: '7b7d' },
    { $date: 0 },
  ],
  ...[
    { $date: 'x' },
    { $function: 1 },
    { $function: { $undefined: 0 } },
    { $thrower: 'x' },
    { $symbol: 's' },
    { $getter: 'amount' },
  ],
  ...[
    { $getter: 'ok' },
    { $proxy: 0 },
    { $boxed: '1' },
    { $cycle: 0 },
    { $map: [] },
    { $repeat: ['9', 100_000] },
    { $repeat: ['a,', 5000] },
  ],
  ...[[], {}, { $bare: { amount: '1' } }],
]

/** Junk of a given depth. */
export function junk(random: () => number, depth = 3): Tree {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const roll = random()
  if (depth === 0 || roll < 0.35) return pick(LEAVES)
  if (roll < 0.7) return pick(TEXTS)
  const size = Math.floor(random() * 4)
  if (roll < 0.82) return Array.from({ length: size }, () => junk(random, depth - 1))
  return Object.fromEntries(Array.from({ length: size }, () => [pick(TEXTS), junk(random, depth - 1)]))
}

/** The same tree with one change: a part is replaced, dropped or doubled, or a few characters of a text are changed. */
export function mutate(tree: Tree, random: () => number): Tree {
  const isList = Array.isArray(tree)
  if (typeof tree === 'object' && tree !== null) {
    const keys = Object.keys(tree)
    if (keys.length > 0 && random() < 0.85) {
      const key = keys[Math.floor(random() * keys.length)] as string
      const inner = (tree as Record<string, Tree>)[key] as Tree
      const roll = random()
      if (isList) {
        const list = [...(tree as readonly Tree[])]
        if (roll < 0.08) list.splice(Number(key), 1)
        else if (roll < 0.16) list.splice(Number(key), 0, inner)
        else list[Number(key)] = mutate(inner, random)
        return list
      }
      const entries = Object.entries(tree).filter(([name]) => roll >= 0.08 || name !== key)
      return Object.fromEntries(entries.map(([name, value]) => [name, name === key ? mutate(inner, random) : value]))
    }
    return junk(random)
  }
  if (typeof tree === 'string' && tree !== '' && random() < 0.7) {
    const at = Math.floor(random() * (tree.length + 1))
    const roll = random()
    if (roll < 0.3) return tree.slice(0, at) + tree.slice(at + 1)
    const added = TEXTS[Math.floor(random() * TEXTS.length)] as string
    return tree.slice(0, at) + (roll < 0.6 ? added.slice(0, 1) : added) + tree.slice(roll < 0.8 ? at + 1 : at)
  }
  if (typeof tree === 'number' && random() < 0.5) return tree + Math.floor(random() * 5) - 2
  return junk(random)
}
