import type { FilterNode } from '../../contract/filter/ast.ts'
import type { IsTerm, TextField } from '../../contract/filter/fields.ts'
import { compilePattern, type Pattern } from '../../contract/filter/pattern/compile.ts'

export type SqlValue = string | number

/** A condition on a row of `exchanges`, and what stands for its question marks. Never NULL. */
export interface Condition {
  sql: string
  values: SqlValue[]
}

/** Finds numbers of `names`. */
export interface NameIds {
  where(condition: Condition): number[]
}

/** The SQL function that asks the filter's own patterns, which no text makes slow (CWE-1333). */
export const PATTERN = 'traffic_pattern'

/** What `headers` of a row names: the header names that its caller sent, in lower case, each between line ends. */
export function headerSet(names: Iterable<string>): string {
  return `\n${[...new Set(names)].sort().join('\n')}\n`
}

/**
 * A filter as a condition in SQL that means the same as contract/filter/evaluate.ts. Everything that a person typed is
 * a value, never a part of the statement. Names are looked up now: a row has their numbers.
 * @param patterns is filled, for the SQL function PATTERN(index, text); `names` may call that already
 */
export function filterSql(node: FilterNode | null, names: NameIds, patterns: Pattern[]): Condition {
  return node === null ? ALL : new Compiler(names, patterns).node(node)
}

const ALL: Condition = { sql: '1', values: [] }
const NONE: Condition = { sql: '0', values: [] }

/** Names: those of a text field stand in these columns. */
const COLUMNS: Record<Exclude<TextField, 'path'>, readonly string[]> = {
  app: ['app_id', 'service_id'],
  to: ['app_id'],
  from: ['service_id'],
  user: ['username'],
  method: ['method'],
}

const WORD_COLUMNS = ['app_id', 'username', 'service_id', 'method', 'refused'] as const

const IS: Record<IsTerm, string> = {
  refused: 'refused IS NOT NULL',
  error: '(refused IS NOT NULL OR aborted = 1 OR ifnull(status, 0) >= 500)',
  websocket: 'kind = 1',
  gateway: 'kind = 2',
  'app-to-app': 'service_key IS NOT NULL',
  // Rows are stored when they are over.
  open: '0',
  aborted: 'aborted = 1',
  replay: 'replay_of IS NOT NULL',
}

const NUMBERS = { status: 'status', took: 'duration', size: 'bytes_out' } as const

class Compiler {
  readonly #names: NameIds
  readonly #patterns: Pattern[]

  constructor(names: NameIds, patterns: Pattern[]) {
    this.#names = names
    this.#patterns = patterns
  }

  node(node: FilterNode): Condition {
    switch (node.type) {
      case 'and':
        return all(node.parts.map((part) => this.node(part)))
      case 'or':
        return any(node.parts.map((part) => this.node(part)))
      case 'not': {
        const { sql, values } = this.node(node.part)
        return { sql: `NOT ${sql}`, values }
      }
      case 'word':
        return this.#word(node.text)
      case 'text':
        return this.#text(node.field, node.value, node.exact)
      case 'pattern':
        return this.#pattern(node.field, node.source)
      case 'number': {
        const column = NUMBERS[node.field]
        return { sql: `(${column} IS NOT NULL AND ${column} ${node.operator} ?)`, values: [node.value] }
      }
      case 'status-class': {
        const from = node.hundreds * 100
        return { sql: '(status IS NOT NULL AND status >= ? AND status < ?)', values: [from, from + 100] }
      }
      case 'is':
        return { sql: IS[node.value], values: [] }
      case 'header':
        return this.#named(['headers'], { sql: 'instr(text, ?) > 0', values: [`\n${node.name}\n`] })
    }
  }

  #word(text: string): Condition {
    const parts = [like('path', text), this.#named(WORD_COLUMNS, like('text', text))]
    if (/^[1-5]\d\d$/.test(text)) parts.push({ sql: '(status IS NOT NULL AND status = ?)', values: [Number(text)] })
    return any(parts)
  }

  #text(field: TextField, value: string, exact: boolean): Condition {
    // NOCASE makes A–Z the same as a–z and nothing else, as LIKE does.
    const condition = (column: string): Condition =>
      exact ? { sql: `${column} = ? COLLATE NOCASE`, values: [value] } : like(column, value)
    if (field === 'path') return condition('path')
    const named = this.#named(COLUMNS[field], condition('text'))
    if (field !== 'user') return named
    return any([named, this.#named(['user_key'], { sql: 'text = ?', values: [value] })])
  }

  #pattern(field: TextField, source: string): Condition {
    const pattern = compilePattern(source)
    // A tree that did not come from the parser: what cannot be read matches nothing.
    if ('problem' in pattern) return NONE
    const index = this.#patterns.push(pattern) - 1
    const condition = (column: string): Condition => ({ sql: `${PATTERN}(?, ${column})`, values: [index] })
    return field === 'path' ? condition('path') : this.#named(COLUMNS[field], condition('text'))
  }

  /** Rows that have, in one of these columns, a name for which the condition holds. */
  #named(columns: readonly string[], condition: Condition): Condition {
    const ids = this.#names.where(condition)
    if (ids.length === 0) return NONE
    const values = [JSON.stringify(ids)]
    return any(
      columns.map((column) => ({
        sql: `(${column} IS NOT NULL AND ${column} IN (SELECT value FROM json_each(?)))`,
        values,
      })),
    )
  }
}

/** The text is somewhere in the column. */
function like(column: string, text: string): Condition {
  return { sql: `${column} LIKE ? ESCAPE '\\'`, values: [`%${text.replace(/[\\%_]/g, '\\$&')}%`] }
}

function all(parts: Condition[]): Condition {
  return joined(parts, ' AND ', ALL)
}

function any(parts: Condition[]): Condition {
  return joined(
    parts.filter((part) => part !== NONE),
    ' OR ',
    NONE,
  )
}

function joined(parts: Condition[], by: string, empty: Condition): Condition {
  if (parts.length === 0) return empty
  return { sql: `(${parts.map((part) => part.sql).join(by)})`, values: parts.flatMap((part) => part.values) }
}
