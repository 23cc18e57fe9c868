// The members of JSON objects in sorted order, at every depth. Values keep their own characters.

import type { Token } from './tokens.ts'

/** Deeper documents are not sorted. */
const MAX_DEPTH = 200

/** The tokens with all members by name; undefined if the document is too deep, or if they are sorted already. */
export function sortKeys(tokens: readonly Token[]): Token[] | undefined {
  const reader = new Sorter(tokens)
  const sorted = reader.readValue(0)
  return reader.hasMoved ? sorted : undefined
}

/** Whether the document has an object with two members or more. Then its order may be another one than it was. */
export function hasOrder(tokens: readonly Token[]): boolean {
  return tokens.filter((token) => token === ':').length > 1 && tokens.includes(',')
}

interface Member {
  readonly name: string
  readonly tokens: readonly Token[]
}

class Sorter {
  hasMoved = false
  #at = 0
  readonly #tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Undefined if the value is too deep. */
  readValue(depth: number): Token[] | undefined {
    if (depth > MAX_DEPTH) return undefined
    const first = this.#next()
    if (first === '{') return this.#readObject(depth)
    if (first === '[') return this.#readArray(depth)
    return [first]
  }

  #readObject(depth: number): Token[] | undefined {
    const members: Member[] = []
    while (this.#peek() !== '}') {
      if (this.#peek() === ',') this.#next()
      const name = this.#next()
      this.#next() // the colon
      const value = this.readValue(depth + 1)
      if (!value) return undefined
      members.push({ name: JSON.parse(name), tokens: [name, ':', ...value] })
    }
    this.#next()
    const sorted = [...members].sort(byName)
    if (sorted.some((member, at) => member !== members[at])) this.hasMoved = true
    return ['{', ...joined(sorted.map((member) => member.tokens)), '}']
  }

  #readArray(depth: number): Token[] | undefined {
    const values: Token[][] = []
    while (this.#peek() !== ']') {
      if (this.#peek() === ',') this.#next()
      const value = this.readValue(depth + 1)
      if (!value) return undefined
      values.push(value)
    }
    this.#next()
    return ['[', ...joined(values), ']']
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at]
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? ''
  }
}

/** By UTF-16 units, as JavaScript sorts. Other languages differ only beyond U+FFFF. */
function byName(one: Member, other: Member): number {
  if (one.name === other.name) return 0
  return one.name < other.name ? -1 : 1
}

function joined(lists: readonly (readonly Token[])[]): Token[] {
  return lists.flatMap((list, at) => (at === 0 ? list : [',', ...list]))
}
