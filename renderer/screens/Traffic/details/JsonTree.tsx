import { Anchor } from '@mantine/core'
import { useState } from 'react'
import { visible } from '../../../format/text.ts'
import classes from './details.module.css'

/** Members that are drawn at a time. */
const STEP = 100
/** So deep it is open at first. */
const OPEN = 2
const LONG = 300

/** JSON, each object and list to be opened and closed; what is closed is not in the document. */
export function JsonTree(props: { name?: string; value: unknown; depth?: number }) {
  const { name, value, depth = 0 } = props
  const [open, setOpen] = useState(depth < OPEN)
  const [most, setMost] = useState(STEP)
  if (typeof value !== 'object' || value === null) {
    return (
      <div className={classes.json}>
        <Name name={name} />
        <Plain value={value} />
      </div>
    )
  }
  const list = Array.isArray(value)
  const members: [string, unknown][] = list ? value.map((item, index) => [String(index), item]) : Object.entries(value)
  const size = list ? `[${members.length}]` : `{${members.length}}`
  if (members.length === 0) {
    return (
      <div className={classes.json}>
        <Name name={name} />
        <span className={classes.dim}>{list ? '[]' : '{}'}</span>
      </div>
    )
  }
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className={classes.branch}>
      <summary>
        <Name name={name} />
        <span className={classes.dim}>{size}</span>
      </summary>
      {open && (
        <div className={classes.members}>
          {members.slice(0, most).map(([key, member]) => (
            <JsonTree key={key} name={key} value={member} depth={depth + 1} />
          ))}
          {members.length > most && (
            <Anchor component="button" type="button" className={classes.aside} onClick={() => setMost(most + STEP)}>
              {(members.length - most).toLocaleString('en')} more
            </Anchor>
          )}
        </div>
      )}
    </details>
  )
}

function Name(props: { name: string | undefined }) {
  if (props.name === undefined) return null
  return (
    <span className={classes.key}>
      <bdi>{visible(props.name)}</bdi>:{' '}
    </span>
  )
}

function Plain(props: { value: unknown }) {
  const { value } = props
  const [whole, setWhole] = useState(false)
  if (typeof value !== 'string') return <span className={classes.number}>{String(value)}</span>
  const long = value.length > LONG && !whole
  return (
    <span className={classes.string}>
      "<bdi>{visible(long ? value.slice(0, LONG) : value)}</bdi>
      {long ? '…' : '"'}
      {long && (
        <Anchor component="button" type="button" className={classes.aside} onClick={() => setWhole(true)}>
          {' '}
          whole text
        </Anchor>
      )}
    </span>
  )
}
