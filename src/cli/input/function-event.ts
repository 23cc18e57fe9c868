// Where a request went, as the events of API Gateway and of load balancers have it: path and query apart, and each kind in its own way.

type Members = Readonly<Record<string, unknown>>

/** The method of an event; undefined if it has none. */
export function methodOfEvent(event: Members): string | undefined {
  const { http } = membersOf(event.requestContext)
  return textOf(event.httpMethod) ?? textOf(membersOf(http).method)
}

/** Path and query of an event; undefined if it has no path. */
export function urlOfEvent(event: Members): string | undefined {
  const context = membersOf(event.requestContext)
  // In the first version of these events, only the context has the path with its stage, as the client asked for it.
  const path = textOf(event.rawPath) ?? textOf(context.path) ?? textOf(event.path)
  if (path === undefined) return undefined
  const query = textOf(event.rawQueryString) ?? writeQuery(event, 'elb' in context)
  if (query === '') return path
  return `${path}?${query}`
}

/** Load balancers pass parameters on as they were written; API Gateway has decoded them. */
function writeQuery(event: Members, isRaw: boolean): string {
  const parameters = membersOf(event.multiValueQueryStringParameters ?? event.queryStringParameters)
  const pairs = Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, `${value}`]),
  )
  if (isRaw) return pairs.map((pair) => pair.join('=')).join('&')
  return pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
}

function membersOf(value: unknown): Members {
  return { ...Object(value) }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return undefined
}
