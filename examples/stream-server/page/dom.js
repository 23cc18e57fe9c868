// Small helpers. Everything is written as text, never as markup: much of it comes from outside.

export const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))

export const timeOf = (/** @type {number} */ ms) => new Date(ms).toLocaleTimeString()

/** Tells the live region. @param {string} text */
export function say(text) {
  byId('news').textContent = text
}

/**
 * An element with these texts and elements in it.
 *
 * @param {string} tag
 * @param {string} className
 * @param {...(string | Node)} content
 */
export function element(tag, className, ...content) {
  const made = document.createElement(tag)
  made.className = className
  made.append(...content)
  return made
}

/** @param {string} label @param {() => unknown} act */
export function button(label, act) {
  const made = /** @type {HTMLButtonElement} */ (element('button', 'small', label))
  made.type = 'button'
  made.addEventListener('click', act)
  return made
}

/**
 * A part of a drawing. Looks come from page.css by the class; positions are attributes.
 *
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(string | Node)} content
 */
export function shape(tag, attributes, ...content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.append(...content)
  return made
}
