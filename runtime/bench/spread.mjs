/** @typedef {{ least: number, median: number, most: number }} Spread */

/** @param {number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (/** @type {number} */ part) => sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN
  return { least: at(0), median: at(0.5), most: at(1) }
}

/** Median first, then the spread. @param {Spread} figure @param {string} unit @param {number} [digits] */
export function shown({ median, least, most }, unit, digits = 0) {
  return `${median.toFixed(digits)} ${unit} (${least.toFixed(digits)}–${most.toFixed(digits)})`
}
