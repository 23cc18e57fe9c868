// Entries sorted by the time they end, any of which can be removed at once.
//
// Entries that last equally long end in the order in which they are added, so each duration gets a queue (a lane) of its own, linked by
// the entries themselves. Adding, removing and finding the next to end cost the same however many entries there are. A heap is slower to
// take from. A Set is slower still: V8 leaves a hole where an entry was deleted, and walks over every hole to find the oldest.

/** What an entry needs to be in a lane; it is in one lane at a time. */
export interface Queued<Member> {
  /** When it ends. To change this, enqueue the entry again. */
  until: number
  lane: Lane<Member> | undefined
  before: Member | undefined
  after: Member | undefined
  /** Its number in the order in which entries were added. */
  turn: number
}

/** A queue in which nothing ends before what is in front of it. */
export interface Lane<Member> {
  readonly of: Lanes<Member>
  first: Member | undefined
  last: Member | undefined
}

/** A set of lanes, about one for each duration in use. */
export interface Lanes<Member> {
  readonly lanes: Lane<Member>[]
  size: number
}

/** With more durations than this, some share a lane, and each entry is sorted into its place there. */
const MAX_LANES = 16

let turns = 0

export function emptyLanes<Member>(): Lanes<Member> {
  return { lanes: [], size: 0 }
}

/** Adds an entry as the newest, and removes it from the lane that it was in before. */
export function enqueue<Member extends Queued<Member>>(lanes: Lanes<Member>, member: Member): void {
  dequeue(member)
  const lane = laneFor(lanes, member.until)
  let before = lane.last
  while (before && before.until > member.until) before = before.before
  const after = before ? before.after : lane.first
  member.lane = lane
  member.turn = ++turns
  member.before = before
  member.after = after
  if (before) before.after = member
  else lane.first = member
  if (after) after.before = member
  else lane.last = member
  lanes.size++
}

/** A lane that an entry can simply join at its end; or a new lane; or the last one, if there can be no more lanes. */
function laneFor<Member extends Queued<Member>>(of: Lanes<Member>, until: number): Lane<Member> {
  const { lanes } = of
  for (const lane of lanes) if (!lane.last || lane.last.until <= until) return lane
  const last = lanes[MAX_LANES - 1]
  if (last) return last
  const lane: Lane<Member> = { of, first: undefined, last: undefined }
  lanes.push(lane)
  return lane
}

/** Removes an entry from its lane, if it is in one. */
export function dequeue<Member extends Queued<Member>>(member: Member): void {
  const { lane, before, after } = member
  if (!lane) return
  if (before) before.after = after
  else lane.first = after
  if (after) after.before = before
  else lane.last = before
  lane.of.size--
  member.lane = member.before = member.after = undefined
}

/** An entry that has ended, if there is one. */
export function findEnded<Member extends Queued<Member>>({ lanes }: Lanes<Member>, now: number): Member | undefined {
  for (const { first } of lanes) if (first && first.until <= now) return first
  return undefined
}

/** Of the entries at the front of a lane that end by `limit`, the one that was added first. */
export function findOldest<Member extends Queued<Member>>(
  { lanes }: Lanes<Member>,
  limit: number = Number.POSITIVE_INFINITY,
): Member | undefined {
  let oldest: Member | undefined
  for (const { first } of lanes) {
    if (first && first.until <= limit && !(oldest && oldest.turn < first.turn)) oldest = first
  }
  return oldest
}
