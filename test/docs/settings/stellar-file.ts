// A parser and the text of a file.
const text = 'VERSION = "2.7.0"'
const parse = (_: string): object => ({ VERSION: '2.7.0' })
//// block
