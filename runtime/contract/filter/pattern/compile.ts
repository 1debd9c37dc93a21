import { Matcher } from './matcher.ts'
import { toProgram } from './program.ts'
import { PatternProblem, readPattern } from './syntax.ts'

/** A pattern without a backtracking engine behind it: no text makes it slow (CWE-1333). */
export interface Pattern {
  /** Whether it is found anywhere in the text. Takes a time that grows with the text's length only. */
  test(text: string): boolean
}

/** A pattern may be this long. */
const LENGTH = 500

/** Reads a pattern, or says what is wrong with it. Letters count as written: `A` is not `a`. */
export function compilePattern(source: string): Pattern | { problem: string } {
  if (source.length > LENGTH) return { problem: `The pattern is too long. It may have ${LENGTH} characters.` }
  try {
    return new Matcher(toProgram(readPattern(source)))
  } catch (error) {
    if (error instanceof PatternProblem) return { problem: error.message }
    throw error
  }
}
