// A queue that gives up any of its members at once. A Set would do, but for what iterating it costs: engines leave a hole where a member was,
// and to find the oldest member of a set from whose front a hundred thousand were deleted they walk over every hole.

/** What a queue links together; a member is in one queue at a time. */
export interface Queued<Member> {
  queue: Queue<Member> | undefined
  before: Member | undefined
  after: Member | undefined
}

/** Oldest first. */
export interface Queue<Member> {
  oldest: Member | undefined
  newest: Member | undefined
  size: number
}

export function emptyQueue<Member>(): Queue<Member> {
  return { oldest: undefined, newest: undefined, size: 0 }
}

/** Makes it the newest member of a queue, whichever it was in before. */
export function enqueue<Member extends Queued<Member>>(queue: Queue<Member>, member: Member): void {
  dequeue(member)
  member.queue = queue
  member.before = queue.newest
  if (queue.newest) queue.newest.after = member
  else queue.oldest = member
  queue.newest = member
  queue.size++
}

/** Takes it out of the queue that it is in, if it is in one. */
export function dequeue<Member extends Queued<Member>>(member: Member): void {
  const { queue, before, after } = member
  if (!queue) return
  if (before) before.after = after
  else queue.oldest = after
  if (after) after.before = before
  else queue.newest = before
  queue.size--
  member.queue = member.before = member.after = undefined
}
