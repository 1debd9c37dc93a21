import type { FilterNode, NumberOperator } from './ast.ts'
import { FIELDS, IS_TERMS, isIsTerm, isNumberField, isTextField, type NumberField } from './fields.ts'
import { compilePattern } from './pattern/compile.ts'
import type { Token } from './tokens.ts'

export type TermToken = Extract<Token, { type: 'term' }>

/** What a term means, or what is wrong with it as a sentence. */
export function readTermValue(token: TermToken): FilterNode | string {
  const { field, value } = token
  if (token.pattern) {
    if (!isTextField(field)) return `"${field}" takes no pattern. Write ${field}:… instead.`
    const pattern = compilePattern(value)
    return 'problem' in pattern ? pattern.problem : { type: 'pattern', field, source: value }
  }
  if (isTextField(field)) return { type: 'text', field, exact: token.exact || field === 'method', value }
  if (isNumberField(field)) return readNumber(field, token.exact ? `=${value}` : value)
  if (field === 'header') return { type: 'header', name: value.toLowerCase() }
  const wanted = value.toLowerCase()
  if (isIsTerm(wanted)) return { type: 'is', value: wanted }
  return `"is:${value}" is not known. Try ${IS_TERMS.map((term) => `is:${term}`).join(', ')}.`
}

const COMPARISON = /^(>=|<=|>|<|=|)(.*)$/s

function readNumber(field: NumberField, text: string): FilterNode | string {
  const [, sign = '', rest = ''] = COMPARISON.exec(text) ?? []
  const operator = (sign === '' ? '=' : sign) as NumberOperator
  if (field !== 'status') {
    const value = readAmount(field, rest.toLowerCase())
    if (value !== null) return { type: 'number', field, operator, value }
    return field === 'took'
      ? `"${text}" is no time. Try took:>100ms or took:<2s.`
      : `"${text}" is no size. Try size:>100kb or size:<1mb.`
  }
  const parts = /^([1-5])(\d\d|xx)$/i.exec(rest)
  if (parts === null) return `"${text}" is no status. Try status:404, status:4xx, status:>=400 or status:<300.`
  const hundreds = Number(parts[1])
  if (/^\d/.test(parts[2] ?? '')) return { type: 'number', field, operator, value: Number(rest) }
  if (operator === '=') return { type: 'status-class', hundreds }
  // A whole class: above it means above its last, below it below its first.
  if (operator === '>') return { type: 'number', field, operator: '>=', value: (hundreds + 1) * 100 }
  if (operator === '<=') return { type: 'number', field, operator: '<', value: (hundreds + 1) * 100 }
  return { type: 'number', field, operator, value: hundreds * 100 }
}

const UNITS: Record<Exclude<NumberField, 'status'>, Record<string, number>> = {
  took: { '': 1, ms: 1, s: 1000, min: 60_000 },
  size: { '': 1, b: 1, kb: 1000, mb: 1_000_000, gb: 1_000_000_000 },
}

/** A terabyte, or thirty years. */
const MOST = 1e12

/** In milliseconds or bytes. */
function readAmount(field: Exclude<NumberField, 'status'>, text: string): number | null {
  const parts = /^(\d{1,13}(?:\.\d{1,3})?)([a-z]*)$/.exec(text)
  const unit = UNITS[field]
  if (parts === null || !Object.hasOwn(unit, parts[2] ?? '')) return null
  const value = Number(parts[1]) * (unit[parts[2] ?? ''] ?? 1)
  if (value > MOST) return null
  // As exact as it is measured, so that it is the same number after it was printed and read again.
  return field === 'size' ? Math.round(value) : Math.round(value * 1000) / 1000
}

export function unknownField(name: string): string {
  const near = FIELDS.find((field) => distance(field, name) <= (name.length > 4 ? 2 : 1))
  return near === undefined
    ? `There is no field "${name}". To look for the text itself, put it in quotes.`
    : `There is no field "${name}". Did you mean ${near}:…?`
}

/** How many letters differ (Levenshtein). Both are short: names of fields are at most 20 letters. */
function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    before = row
  }
  return before[b.length] ?? 0
}
