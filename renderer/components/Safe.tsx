import { visible } from '../format/text.ts'

/** Text from outside, inert and whole: no mark in it reaches beyond its own box (A29). */
export function Safe(props: { text: string; title?: boolean }) {
  const text = visible(props.text)
  return <bdi title={props.title === true ? text : undefined}>{text}</bdi>
}
