import { Anchor } from '@mantine/core'
import { useState } from 'react'
import { toCallError } from '../../../api.ts'
import { notifyError } from '../../../components/notify.tsx'
import { visible } from '../../../format/text.ts'
import classes from './details.module.css'

/** What the host puts in a secret's place (C51). */
const MASK = '•••'

/** A value whose secret part is masked until somebody asks for it. */
export function SecretValue(props: {
  text: string
  stripped?: boolean
  reveal: (() => Promise<string | null>) | null
}) {
  const { text, stripped = false, reveal } = props
  const [shown, setShown] = useState<string | null>(null)
  const [gone, setGone] = useState(false)
  const masked = text.includes(MASK)
  const show = () => {
    if (reveal === null) return
    reveal().then(
      (value) => (value === null || value === text ? setGone(true) : setShown(value)),
      (error: unknown) => notifyError(toCallError(error)),
    )
  }
  return (
    <>
      {stripped ? (
        <del className={classes.stripped}>
          <bdi>{visible(shown ?? text)}</bdi>
        </del>
      ) : (
        <bdi>{visible(shown ?? text)}</bdi>
      )}
      {masked && reveal !== null && (
        <>
          {' '}
          {gone ? (
            <span className={classes.aside}>not kept</span>
          ) : (
            <Anchor
              component="button"
              type="button"
              className={classes.aside}
              onClick={shown === null ? show : () => setShown(null)}
            >
              {shown === null ? 'Show' : 'Hide'}
            </Anchor>
          )}
        </>
      )}
    </>
  )
}
