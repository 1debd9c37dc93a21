import type { FilterNode } from './ast.ts'

/** The filter as text that is read back to the same tree. */
export function printFilter(node: FilterNode): string {
  switch (node.type) {
    case 'and':
      return node.parts.map((part) => inner(part, part.type === 'or' || part.type === 'and')).join(' ')
    case 'or':
      return node.parts.map((part) => inner(part, part.type === 'or')).join(' or ')
    case 'not':
      return `-${inner(node.part, node.part.type === 'or' || node.part.type === 'and')}`
    case 'word':
      return bareWord(node.text) ? node.text : quoted(node.text)
    case 'text': {
      const exact = node.exact && node.field !== 'method' ? '=' : ''
      return `${node.field}:${exact}${printValue(node.value)}`
    }
    case 'pattern':
      return `${node.field}~${quotedPattern(node.source)}`
    case 'number':
      return `${node.field}:${node.operator === '=' ? '' : node.operator}${node.value}${UNITS[node.field]}`
    case 'status-class':
      return `status:${node.hundreds}xx`
    case 'is':
      return `is:${node.value}`
    case 'header':
      return `header:${printValue(node.name)}`
  }
}

const UNITS = { status: '', took: 'ms', size: '' } as const

function inner(node: FilterNode, parentheses: boolean): string {
  return parentheses ? `(${printFilter(node)})` : printFilter(node)
}

/** Plain enough to stand without quotes; more than needed is quoted rather than less. */
function bareWord(text: string): boolean {
  return /^[\w/.][\w/.*+-]*$/.test(text) && !/^(?:and|or|not)$/i.test(text)
}

/** A value as it stands behind `field:`. */
export function printValue(text: string): string {
  return /^[\w/.*+-]+$/.test(text) ? text : quoted(text)
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

function quotedPattern(source: string): string {
  return `"${source.replace(/\\.|"/gs, (piece) => (piece === '"' ? '\\"' : piece))}"`
}
