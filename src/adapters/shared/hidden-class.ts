// Express is slow on Node 20 and 22, and this gets most of the speed back.
//
// Express sets the prototype of each request and each response. V8 before version 13 then creates a new hidden class for each property that
// is added to one of them, about 5 µs a property, and inline caches no longer hit on that object. An object that keeps its properties in a
// dictionary shares its hidden class with others like it, and V8 switches to a dictionary when a property is deleted that is not the newest
// one. On Node 20 this took a route from 0.68 of the throughput of a handwritten one to about 1 (bench/load.mjs). On Node 24 and 26 it
// would make the route slower. (V8 finds the shared classes in a cache of 64 entries. In one application of fifty two of them collide there,
// and nothing is gained.)

/** Whether this is Node 20 or 22. Other runtimes report a newer Node version, or none. */
export function isSetPrototypeSlow(nodeVersion: string | undefined = globalThis.process?.versions?.node): boolean {
  return Number.parseInt(nodeVersion ?? '', 10) < 24
}

/** Moves an object's properties to a dictionary: deletes one of its oldest properties, and puts it back as it was. */
export function shareHiddenClass(object: object, name: string): void {
  const property = Object.getOwnPropertyDescriptor(object, name)
  if (property?.configurable && Reflect.deleteProperty(object, name)) Object.defineProperty(object, name, property)
}
