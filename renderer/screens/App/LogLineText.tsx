import { memo } from 'react'
import type { LogLine } from '../../../runtime/contract/models.ts'
import { visibleLogLine } from '../../format/text.ts'
import { clockTime, exactTime } from '../../format/time.ts'
import classes from './Log.module.css'
import { splitMatches } from './log-search.ts'

/** The time and the text of one line, with what is searched for marked. */
export const LogLineText = memo(function LogLineText(props: { line: LogLine; wanted: string }) {
  const { line, wanted } = props
  const parts = splitMatches(visibleLogLine(line.text), wanted)
  return (
    <>
      <span className={classes.time} title={exactTime(line.at)}>
        {clockTime(line.at)}
      </span>
      <bdi className={classes.text}>
        {parts.map((part, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line never change their places.
          index % 2 === 1 ? <mark key={index}>{part}</mark> : part,
        )}
      </bdi>
    </>
  )
})
