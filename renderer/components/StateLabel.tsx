import type { AppState } from '../../runtime/contract/models.ts'
import classes from './icons.module.css'

export const STATE_WORDS: Record<AppState, string> = {
  installing: 'Installing',
  stopped: 'Stopped',
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
  crashed: 'Crashed',
  unreachable: 'Unreachable',
}

/** An app's state as a dot and a word; the word carries the meaning, the dot is for the eye. */
export function StateLabel(props: { state: AppState }) {
  return (
    <span className={classes.state}>
      <StateDot state={props.state} />
      <span>{STATE_WORDS[props.state]}</span>
    </span>
  )
}

export function StateDot(props: { state: AppState }) {
  return <span className={classes.dot} data-state={props.state} aria-hidden="true" />
}
