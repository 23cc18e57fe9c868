// Text as UTF-8. Apart from encoding.ts, which needs nothing but the language: TextEncoder is the platform's.

/** The UTF-8 bytes of a text. Undefined if the text holds a lone surrogate, which has no UTF-8 form. */
export function utf8(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? encoder.encode(text) : undefined
}

const encoder = /* @__PURE__ */ new TextEncoder()
