import { Combobox, TextInput, useCombobox } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { FilterProblem } from '../../../runtime/contract/filter/ast.ts'
import {
  acceptSuggestion,
  completeFilter,
  type SeenValues,
  type Suggestion,
} from '../../../runtime/contract/filter/complete.ts'
import { visible } from '../../format/text.ts'
import classes from './Filter.module.css'

interface FilterBoxProps {
  text: string
  onText(text: string): void
  problems: readonly FilterProblem[]
  seen: SeenValues
  /** Stands at the right end, inside the box. */
  tools: ReactNode
}

const INPUT = 'traffic-filter'

/** Puts the cursor behind what is typed there. */
export function focusFilter(): void {
  const box = document.getElementById(INPUT)
  if (!(box instanceof HTMLInputElement)) return
  box.focus()
  box.setSelectionRange(box.value.length, box.value.length)
}

/** The filter's text with what may come next below it. Arrows choose, Tab or Enter takes, Escape closes. */
export function FilterBox(props: FilterBoxProps) {
  const { text, onText, problems, seen, tools } = props
  const input = useRef<HTMLInputElement>(null)
  const list = useId()
  const [caret, setCaret] = useState(0)
  const [opened, setOpened] = useState(false)
  const [active, setActive] = useState(-1)
  const combobox = useCombobox({ opened, onDropdownClose: () => setOpened(false) })
  /** Where the caret goes once the text that was put in is there. */
  const wanted = useRef<number | null>(null)

  const completion = completeFilter(text, Math.min(caret, text.length), seen)
  const { suggestions } = completion
  const shown = opened && suggestions.length > 0
  const chosen = suggestions[active]
  const wrong = problems.filter((problem) => !problem.unfinished)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what the caret waits for.
  useEffect(() => {
    if (wanted.current === null || input.current === null) return
    input.current.setSelectionRange(wanted.current, wanted.current)
    setCaret(wanted.current)
    wanted.current = null
  }, [text])

  const moveCaret = () => {
    const at = input.current?.selectionStart ?? text.length
    if (at === caret) return
    setCaret(at)
    setActive(-1)
  }
  const take = (suggestion: Suggestion) => {
    const taken = acceptSuggestion(text, completion, suggestion)
    wanted.current = taken.caret
    setActive(-1)
    // A field goes on with its values; after a value there is nothing that must follow.
    setOpened(suggestion.insert.endsWith(':'))
    onText(taken.text)
    input.current?.focus()
  }
  const step = (by: number) => {
    if (!shown) setOpened(true)
    const length = suggestions.length
    if (length > 0) setActive(active < 0 ? (by > 0 ? 0 : length - 1) : (active + by + length) % length)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown') step(1)
    else if (event.key === 'ArrowUp') step(-1)
    else if (event.key === 'Enter' && shown && chosen !== undefined) take(chosen)
    // Tab leaves the box as everywhere, unless something is begun that it can finish.
    else if (event.key === 'Tab' && shown && !event.shiftKey && (chosen !== undefined || completion.begun)) {
      const suggestion = chosen ?? suggestions[0]
      if (suggestion !== undefined) take(suggestion)
    } else if (event.key === 'Escape' && shown) setOpened(false)
    else if (event.key === 'Escape' && text !== '') onText('')
    else {
      if (event.key === 'Enter') setOpened(false)
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className={classes.filter}>
      <Combobox
        store={combobox}
        withinPortal
        position="bottom-start"
        shadow="md"
        width="target"
        middlewares={{ size: false }}
      >
        <Combobox.DropdownTarget>
          <TextInput
            ref={input}
            id={INPUT}
            aria-label="Filter"
            placeholder="Filter: words, or app:notes status:4xx"
            leftSection={<IconFilter size={15} aria-hidden="true" />}
            rightSection={tools}
            rightSectionWidth={58}
            value={text}
            className={wrong.length > 0 ? classes.wrong : undefined}
            aria-invalid={wrong.length > 0}
            aria-autocomplete="list"
            aria-controls={shown ? list : undefined}
            aria-activedescendant={shown && chosen !== undefined ? `${list}-${active}` : undefined}
            aria-describedby={wrong.length > 0 ? 'filter-problem' : undefined}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length)
              setActive(-1)
              setOpened(true)
              onText(event.currentTarget.value)
            }}
            onKeyDown={onKeyDown}
            onKeyUp={moveCaret}
            onClick={() => {
              moveCaret()
              setOpened(true)
            }}
            onBlur={() => setOpened(false)}
          />
        </Combobox.DropdownTarget>
        <Combobox.Dropdown hidden={!shown} className={classes.dropdown}>
          <Combobox.Options id={list} aria-label="What may come next">
            {suggestions.map((suggestion, index) => (
              <Combobox.Option
                key={suggestion.insert}
                id={`${list}-${index}`}
                value={suggestion.insert}
                className={classes.option}
                data-combobox-selected={index === active || undefined}
                aria-selected={index === active}
                // The box keeps the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(suggestion)}
              >
                <span className={classes.insert}>
                  <bdi>{visible(suggestion.label)}</bdi>
                </span>
                <span className={classes.detail}>{suggestion.detail}</span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </div>
  )
}

/** What is wrong with the filter, with its place marked. */
export function FilterProblems(props: { text: string; problems: readonly FilterProblem[] }) {
  const wrong = props.problems.filter((problem) => !problem.unfinished)
  if (wrong.length === 0) return null
  return (
    <div id="filter-problem" className={classes.problem} role="status">
      {wrong.map(({ from, to, message }) => (
        <div key={`${from} ${message}`}>
          <code className={classes.place}>
            <bdi>{visible(props.text.slice(from, Math.min(to, from + 60)))}</bdi>
          </code>{' '}
          {visible(message)}
        </div>
      ))}
    </div>
  )
}
