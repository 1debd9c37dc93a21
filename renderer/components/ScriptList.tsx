import { visible } from '../format/text.ts'
import classes from './ScriptList.module.css'

/** Scripts that would run, each with its whole command: what is agreed to must be there to be read. */
export function ScriptList(props: { scripts: Record<string, string> }) {
  return (
    <div className={classes.scripts}>
      {Object.entries(props.scripts).map(([name, command]) => (
        <div key={name}>
          <b>{visible(name)}</b> <code>{visible(command)}</code>
        </div>
      ))}
    </div>
  )
}
