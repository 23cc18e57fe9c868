// What Express costs on an older engine, and how to have most of it back.
//
// Express sets the prototype of each request and of each response. V8 before version 13 then makes a hidden class for each property that
// is added to one of them, some 5 µs a property, and no inline cache hits on that object again. An object that keeps its properties in a
// dictionary, as it does after one that is not the newest was deleted, shares its hidden class with its like. On Node 20 that took a
// route from 0.68 of the requests a second of one by hand to about 1 (bench/load.mjs); on Node 24 and 26 it would make it slower.

/** Whether this is Node 20 or 22. Other runtimes name a newer Node, or none. */
export function setPrototypesAreDear(node: string | undefined = globalThis.process?.versions?.node): boolean {
  return Number.parseInt(node ?? '', 10) < 24
}

/** Takes one of an object's own oldest properties out and puts it back, as it was. */
export function shareShape(object: object, name: string): void {
  const property = Object.getOwnPropertyDescriptor(object, name)
  if (property?.configurable && Reflect.deleteProperty(object, name)) Object.defineProperty(object, name, property)
}
