// What an application has decided about its delivery. The first word stands.

import { declined } from './declined.ts'

export class Decision {
  /** Rejects where it was declined. */
  readonly made: Promise<void>
  #isAccepted: boolean | undefined
  #accept!: () => void
  #decline!: (error: unknown) => void

  constructor() {
    this.made = new Promise((resolve, reject) => {
      this.#accept = resolve
      this.#decline = reject
    })
  }

  /** Undefined until it is made. */
  get isAccepted(): boolean | undefined {
    return this.#isAccepted
  }

  /** Decides by the status that the application answers with. */
  byStatus(status: number): void {
    if (this.#isAccepted !== undefined) return
    if (status >= 200 && status <= 299) {
      this.#isAccepted = true
      this.#accept()
    } else this.decline(status)
  }

  /** Status 0 stands for no answer at all. */
  decline(status: number, message?: string): void {
    this.fail(declined(status, message))
  }

  /** Declines for an error that is nobody's answer. */
  fail(error: unknown): void {
    if (this.#isAccepted !== undefined) return
    this.#isAccepted = false
    this.#decline(error)
  }
}
