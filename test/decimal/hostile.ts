/** Texts of a given length that have slowed other readers down. Flat strings: a rope would be flattened by the first reader. */
export const hostileTexts: readonly { readonly name: string; readonly make: (size: number) => string }[] = [
  { name: 'digits', make: (size) => flat('9'.repeat(size)) },
  { name: 'zeros', make: (size) => flat('0'.repeat(size)) },
  { name: 'zeros, then a one', make: (size) => flat(`${'0'.repeat(size - 1)}1`) },
  {
    name: 'a fraction of zeros, then a one',
    make: (size) => flat(`0.${'0'.repeat(size)}`.slice(0, size - 1).concat('1')),
  },
  { name: 'digits, then a letter', make: (size) => flat(`${'9'.repeat(size - 1)}x`) },
  { name: 'dots', make: (size) => flat('.'.repeat(size)) },
  { name: 'signs', make: (size) => flat('-'.repeat(size)) },
  { name: 'white space', make: (size) => flat(' '.repeat(size)) },
  { name: 'white space, then a digit', make: (size) => flat(`${' '.repeat(size - 1)}1`) },
  { name: "another script's digits", make: (size) => flat('\u0661'.repeat(size)) },
  { name: 'wide white space', make: (size) => flat('\u2003'.repeat(size)) },
  { name: 'lone surrogates', make: (size) => flat('\ud800'.repeat(size)) },
]

function flat(text: string): string {
  return text.split('').join('')
}
