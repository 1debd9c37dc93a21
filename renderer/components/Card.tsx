import type { ReactNode } from 'react'
import classes from './Card.module.css'
import { Mark } from './Mark.tsx'

/** One centred card under the program's mark, for everything before the panel itself. */
export function Card(props: { wide?: boolean; children: ReactNode }) {
  return (
    <main className={classes.stage}>
      <div className={`${classes.card} ${props.wide === true ? classes.wide : ''}`}>
        <div className={classes.mark}>
          <Mark size={24} />
        </div>
        {props.children}
      </div>
    </main>
  )
}
