// A secret as its text may have been, before the scheme reads it.

import type { Change } from '../../change.ts'

export interface TextChange extends Change {
  readonly text: string
}
