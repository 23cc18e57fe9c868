// The entities that programs write in place of the characters that HTML gives a meaning.

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#039': "'",
  '#x27': "'",
  '#x2f': '/',
  '#34': '"',
  '#96': '`',
}

/** The text with these entities decoded, once each. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(amp|lt|gt|quot|apos|#39|#039|#x27|#x2f|#34|#96);/gi,
    (all, name: string) => ENTITIES[name.toLowerCase()] ?? all,
  )
}
